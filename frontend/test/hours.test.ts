import { afterEach, expect, test, vi } from "vitest";
import "../src/main";
import type { HoursCard } from "../src/cards/hours";
import { formatHour, weekdays } from "../src/format";
import type { HomeAssistant } from "../src/ha";
import { hassOf, Refusal, Server } from "./server";

const WEEK = "showrunner/history/week";
const empty = () => Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));

async function shown(server: Server, more: Partial<HomeAssistant> = {}, days?: number): Promise<HoursCard> {
  const card = document.createElement("showrunner-hours-card") as HoursCard;
  card.setConfig({ type: "custom:showrunner-hours-card", ...(days ? { days } : {}) });
  card.hass = hassOf(server, more);
  document.body.append(card);
  await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(0));
  await new Promise((done) => setTimeout(done));
  await card.updateComplete;
  return card;
}

function watched(viewers = ["Sofa", "Kitchen"]): Server {
  const server = new Server();
  const week = empty();
  (week[5] as number[])[20] = 5 * 3600;
  (week[0] as number[])[7] = 61;
  server.answers[WEEK] = () => ({ since: "2026-09-01", viewers, week });
  return server;
}

const text = (card: HTMLElement) => card.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "";
const cell = (card: HTMLElement, day: number, hour: number) =>
  card.shadowRoot?.querySelector(`[data-at="${day} ${hour}"]`) as HTMLElement;

afterEach(() => {
  document.body.replaceChildren();
});

test("each hour is a cell under its hour and in its day's row, and says how much that was", async () => {
  const card = await shown(watched());
  const rows = [...(card.shadowRoot?.querySelectorAll("tbody tr") ?? [])];
  expect(rows.map((row) => row.querySelector("th[scope=row]")?.getAttribute("abbr"))[0]).toBe("Sunday");
  expect(rows.every((row) => row.querySelectorAll("td").length === 24)).toBe(true);
  expect(card.shadowRoot?.querySelectorAll("thead th[scope=col]")).toHaveLength(24);
  // Whoever hears the table hears an hour that is not written, too.
  const hours = [...(card.shadowRoot?.querySelectorAll("thead th[scope=col]") ?? [])];
  expect(hours.filter((one) => !one.textContent?.trim())).toEqual([]);
  expect(cell(card, 5, 20).textContent).toBe("5 hr");
  expect(cell(card, 0, 7).textContent).toBe("1 min");
  expect(cell(card, 3, 3).textContent).toBe("Nothing");
  expect(text(card)).toContain("most of it on Saturday, 8 PM – 9 PM (99%)");
  // What is little is seen, and less than what is much; what is nothing is not.
  const shares = [cell(card, 5, 20), cell(card, 0, 7), cell(card, 3, 3)].map((one) =>
    one.getAttribute("style"),
  );
  expect(shares).toEqual(["--share:100%", "--share:20%", "--share:0%"]);
});

test("the last hour of a day ends where the next day begins", async () => {
  const card = await shown(watched());
  cell(card, 0, 23).focus();
  await card.updateComplete;
  expect(text(card)).toContain("Monday, 11 PM – 12 AM: Nothing");
});

test("a week begins as the user's does", () => {
  const of = (language: string, first_weekday?: string) =>
    weekdays({ ...hassOf(new Server()), locale: { language, first_weekday } })[0];
  expect(of("de")).toBe(0);
  expect(of("en-US")).toBe(6);
  expect(of("en-US", "language")).toBe(6);
  expect(of("en-US", "saturday")).toBe(5);
});

test("an hour is called as the user's clock shows it", () => {
  const of = (language: string, time_format: string) =>
    formatHour({ ...hassOf(new Server()), locale: { language, time_format } }, 20);
  expect(of("de", "language")).toBe("20:00");
  expect(of("en", "24")).toBe("20:00");
  expect(of("en", "language")).toBe("8 PM");
});

const press = (target: HTMLElement, key: string) =>
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }),
  );
const at = (card: HTMLElement) => (card.shadowRoot?.activeElement as HTMLElement | null)?.dataset.at;

test("one tab stop; arrows go from hour to hour and stay within the week", async () => {
  const card = await shown(watched());
  const stops = card.shadowRoot?.querySelectorAll<HTMLElement>("[tabindex='0']") ?? [];
  expect([...stops].map((one) => one.dataset.at)).toEqual(["6 0"]);
  stops[0]?.focus();
  for (const [key, where] of [
    ["ArrowUp", "6 0"],
    ["ArrowRight", "6 1"],
    ["ArrowDown", "0 1"],
    ["ArrowLeft", "0 0"],
    ["ArrowLeft", "0 0"],
    ["End", "0 23"],
    ["Home", "0 0"],
  ] as const) {
    press(card.shadowRoot?.activeElement as HTMLElement, key);
    await card.updateComplete;
    expect(at(card)).toBe(where);
  }
  expect(card.shadowRoot?.querySelectorAll("[tabindex='0']")).toHaveLength(1);
  cell(card, 5, 20).focus();
  await card.updateComplete;
  expect(text(card)).toContain("Saturday, 8 PM – 9 PM: 5 hr");
});

test("where the page is read from the right, the left arrow goes on", async () => {
  const card = await shown(watched());
  card.style.direction = "rtl";
  cell(card, 5, 20).focus();
  press(cell(card, 5, 20), "ArrowLeft");
  await card.updateComplete;
  expect(at(card)).toBe("5 21");
});

test("one viewer is asked for, and where there is but one nobody chooses", async () => {
  const server = watched();
  const card = await shown(server, {}, 30);
  expect(server.asked).toMatchObject([{ type: WEEK, days: 30 }]);
  expect(server.asked[0]).not.toHaveProperty("viewer");
  const select = card.shadowRoot?.querySelector("select") as HTMLSelectElement;
  select.value = "Kitchen";
  select.dispatchEvent(new Event("change"));
  await card.updateComplete;
  expect(server.asked.at(-1)).toMatchObject({ viewer: "Kitchen" });
  select.value = "";
  select.dispatchEvent(new Event("change"));
  await card.updateComplete;
  expect(server.asked.at(-1)).not.toHaveProperty("viewer", "");
  expect((await shown(watched(["Sofa"]))).shadowRoot?.querySelector("select")).toBeNull();
});

test("nothing was watched, or is not for everybody to see", async () => {
  const server = new Server();
  server.answers[WEEK] = () => ({ since: "", viewers: [], week: empty() });
  expect(text(await shown(server))).toContain("Nothing was watched in the last 90 days.");
  document.body.replaceChildren();
  const closed = new Server();
  closed.answers[WEEK] = () => new Refusal("unauthorized");
  const card = await shown(closed);
  expect(card.shadowRoot?.querySelector("table")).toBeNull();
  expect(card.shadowRoot?.querySelector("[role=status]")).not.toBeNull();
});
