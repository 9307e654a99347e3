import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { polled, subscribed } from "../src/store/feed";
import { Refusal, Server } from "./server";

type Event = { all?: number[]; more?: number };
const fold = (before: number[] | undefined, event: Event) =>
  event.all ?? [...(before ?? []), event.more ?? 0];
const numbers = (server: Server) =>
  subscribed<Event, number[]>(server.connection, { type: "showrunner/x" }, fold);
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("several who look share one subscription, and see each change", async () => {
  const server = new Server();
  const [one, other] = [vi.fn(), vi.fn()];
  numbers(server).subscribe(one);
  numbers(server).subscribe(other);
  await settled();
  expect(server.open("x")).toHaveLength(1);
  server.tell("x", { all: [1] });
  server.tell("x", { more: 2 });
  expect(numbers(server).state).toEqual({ data: [1, 2], current: true });
  expect(one).toHaveBeenCalledTimes(2);
  expect(other).toHaveBeenCalledTimes(2);
});

test("it ends a moment after the last has gone, not at once", async () => {
  const server = new Server();
  const leave = numbers(server).subscribe(() => undefined);
  await settled();
  leave();
  const again = numbers(server).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.asked).toHaveLength(1);
  again();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.open("x")).toHaveLength(0);
  expect(server.listening).toBe(0);
});

test("what was known stays while the connection is lost, and is asked for anew when it is back", async () => {
  const server = new Server();
  const feed = numbers(server);
  feed.subscribe(() => undefined);
  await settled();
  server.tell("x", { all: [1] });
  server.lose();
  expect(feed.state).toEqual({ data: [1], current: false });
  server.comeBack();
  await settled();
  expect(server.open("x")).toHaveLength(1);
  server.tell("x", { all: [5] });
  expect(feed.state).toEqual({ data: [5], current: true });
});

test("a number of the lost connection is not ended on the new one", async () => {
  const server = new Server();
  const ended = vi.fn();
  const plain = server.subscribeMessage.bind(server);
  server.subscribeMessage = async (tell, message) => {
    await plain(tell, message);
    return async () => ended();
  };
  const leave = numbers(server).subscribe(() => undefined);
  await settled();
  server.lose();
  server.comeBack();
  await settled();
  expect(ended).not.toHaveBeenCalled();
  leave();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ended).toHaveBeenCalledTimes(1);
});

test("an answer that comes after the connection was lost ends nothing either", async () => {
  const server = new Server();
  const ended = vi.fn();
  let answer: (stop: () => Promise<void>) => void = () => undefined;
  server.subscribeMessage = () => new Promise((done) => (answer = done));
  numbers(server).subscribe(() => undefined);
  server.lose();
  answer(async () => ended());
  await settled();
  expect(ended).not.toHaveBeenCalled();
});

test("a server that does not know the question yet is asked again, less and less often", async () => {
  const server = new Server();
  server.answers["showrunner/x"] = () => new Refusal("unknown_command");
  const feed = numbers(server);
  feed.subscribe(() => undefined);
  await settled();
  expect(feed.state.failure?.code).toBe("unknown_command");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(server.asked).toHaveLength(3);
  server.answers = {};
  await vi.advanceTimersByTimeAsync(4_000);
  server.tell("x", { all: [] });
  expect(feed.state).toEqual({ data: [], current: true });
});

test("what an ended subscription still says is not heard", async () => {
  const server = new Server();
  const feed = numbers(server);
  feed.subscribe(() => undefined);
  await settled();
  const [old] = server.open("x");
  server.lose();
  server.comeBack();
  await settled();
  server.tell("x", { all: [7] });
  old?.tell({ all: [0] });
  expect(feed.state.data).toEqual([7]);
});

test("a question is asked again while somebody looks, and at once when something was changed", async () => {
  const server = new Server();
  let count = 0;
  server.answers["showrunner/list"] = () => ({ count: ++count });
  const feed = polled<{ count: number }>(server.connection, { type: "showrunner/list" }, 30);
  const leave = feed.subscribe(() => undefined);
  await settled();
  expect(feed.state.data?.count).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(feed.state.data?.count).toBe(2);
  feed.refresh();
  await settled();
  expect(feed.state.data?.count).toBe(3);
  leave();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(count).toBe(3);
});

test("a question that fails later says so, and keeps what was known", async () => {
  const server = new Server();
  server.answers["showrunner/list"] = () => 1;
  const feed = polled<number>(server.connection, { type: "showrunner/list" }, 30);
  feed.subscribe(() => undefined);
  await settled();
  server.answers["showrunner/list"] = () => new Refusal("home_assistant_error", "the disk is full");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(feed.state).toEqual({
    data: 1,
    current: false,
    failure: { code: "home_assistant_error", message: "the disk is full" },
  });
});
