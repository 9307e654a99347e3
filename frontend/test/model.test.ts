import { expect, test } from "vitest";
import { foldPage, foldPlan, foldRates, positionOf, type Sessions, type Stream } from "../src/store/model";
import { initials } from "../src/ui/poster";
import { inView } from "../src/ui/window";
import { request } from "./made";

test("a page changes one by one, in the server's order, and outlives a reload", () => {
  const counts = { total: 90, stuck: 1, known: 100 };
  const changed = [request("1"), request("2")];
  let known = foldPage(undefined, { available: true, ...counts, ids: ["2", "1"], changed });
  expect(known.rows.map((one) => one.request_id)).toEqual(["2", "1"]);
  const news = request("1", { state: "available" });
  known = foldPage(known, { available: true, ...counts, total: 89, ids: ["1", "2"], changed: [news] });
  expect(known.rows.map((one) => one.state)).toEqual(["available", "downloading"]);
  expect(known.total).toBe(89);
  known = foldPage(known, { available: true, ...counts, ids: ["2"], changed: [] });
  known = foldPage(known, { available: false });
  expect(known).toMatchObject({ available: false, known: 100 });
  expect(known.rows.map((one) => one.request_id)).toEqual(["2"]);
});

test("a plan keeps its steps when only its totals are told", () => {
  const step = { id: "a", state: "planned" } as never;
  const plan = {
    plan_id: "p",
    steps: [step, { id: "b", state: "planned" }],
    totals: { planned: 2 },
  } as never;
  let known = foldPlan(undefined, { available: true, running: false, plan });
  known = foldPlan(known, {
    available: true,
    running: true,
    plan: { plan_id: "p", totals: { planned: 1, done: 1 } } as never,
    changed: [{ id: "a", state: "done" } as never],
  });
  expect(known.plan?.steps.map((one) => one.state)).toEqual(["done", "planned"]);
  expect(known.plan?.totals).toEqual({ planned: 1, done: 1 });
  expect(foldPlan(known, { available: false }).running).toBe(false);
});

test("a position moves as time does, not beyond the end, and not while it is paused", () => {
  const stream = { position: 10, runtime: 20, paused: false } as Stream;
  const sessions = { available: true, since: 1000 } as Sessions;
  expect(positionOf(stream, sessions, 4000)).toBe(13);
  expect(positionOf(stream, sessions, 99_000)).toBe(20);
  expect(positionOf({ ...stream, paused: true }, sessions, 4000)).toBe(10);
  // Of what nobody tells any more it is not made up how it goes on.
  expect(positionOf(stream, { ...sessions, available: false }, 4000)).toBe(10);
  expect(positionOf({ ...stream, position: null }, sessions, 4000)).toBeNull();
});

test("rates of an hour are kept, in their order and once", () => {
  const now = 10_000_000;
  const at = (seconds: number, s: string) => ({ s, lu: now / 1000 - seconds });
  let rates = foldRates(undefined, { states: { a: [at(5000, "1"), at(60, "2"), at(30, "unknown")] } }, now);
  rates = foldRates(rates, { states: { a: [at(60, "2"), at(0, "3")] } }, now);
  expect(rates.a?.map((one) => one.value)).toEqual([2, 3]);
});

test("of ten thousand rows a handful is drawn, wherever it is scrolled", () => {
  expect(inView(10_000, 80, 0, 560)).toEqual({ first: 0, last: 13 });
  const { first, last } = inView(10_000, 80, 400_000, 560);
  expect([first, last]).toEqual([4994, 5013]);
  expect(inView(3, 80, 5000, 560)).toEqual({ first: 0, last: 3 });
});

test("a title without a picture has its letters, in any script", () => {
  expect(initials("The Lantern Keeper")).toBe("TL");
  expect(initials("Granite (2018)")).toBe("G");
  expect(initials("千と千尋")).toBe("千");
  expect(initials("<b>")).toBe("B");
  expect(initials("…")).toBe("·");
});
