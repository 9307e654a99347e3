import { afterEach, expect, test, vi } from "vitest";
import "../src/main";
import type { TopCard } from "../src/cards/top";
import { days } from "../src/ui/days";
import { hassOf, Server } from "./server";

const TOP = "showrunner/history/top";
const HOSTILE = "<b onclick=alert(1)>Heat</b>";

async function shown(server: Server): Promise<TopCard> {
  const card = document.createElement("showrunner-top-card") as TopCard;
  card.setConfig({ type: "custom:showrunner-top-card", days: 30 });
  card.hass = hassOf(server);
  document.body.append(card);
  await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(0));
  await new Promise((done) => setTimeout(done));
  await card.updateComplete;
  return card;
}

const text = (card: HTMLElement) => card.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "";

afterEach(() => {
  document.body.replaceChildren();
});

test("movies and series apart, the most watched first, with how often; a tap opens the title", async () => {
  const server = new Server();
  const one = (title: string, count: number) => ({ title, media: "movie", ids: [`tmdb:${count}`], count });
  server.answers[TOP] = () => ({ since: "", movies: [one(HOSTILE, 4), one("Rain", 1)], series: [] });
  const card = await shown(server);
  expect(server.asked[0]).toMatchObject({ type: TOP, days: 30, limit: 10 });
  const rows = [...(card.shadowRoot?.querySelectorAll("ol li") ?? [])];
  expect(rows.map((row) => row.querySelector(".line")?.textContent)).toEqual(["4 times", "Once"]);
  const bars = rows.map((row) => row.querySelector(".bar > i")?.getAttribute("style"));
  expect(bars).toEqual(["width:100%", "width:25%"]);
  expect(text(card)).toContain(HOSTILE);
  expect(card.shadowRoot?.querySelector("b")).toBeNull();
  expect([...(card.shadowRoot?.querySelectorAll("h3") ?? [])].map((one) => one.textContent)).toEqual([
    "Movies",
  ]);
  rows[0]?.querySelector("button")?.click();
  await card.updateComplete;
  expect(card.shadowRoot?.querySelector("showrunner-title")).toHaveProperty("about", "movie:tmdb:4");
});

test("series alone are something; what all were watched once is not compared; what has no id is known by its name", async () => {
  const server = new Server();
  const series = [{ title: "Rain", media: "series", ids: [], count: 1 }];
  server.answers[TOP] = () => ({ since: "", movies: [], series });
  const card = await shown(server);
  expect(text(card)).not.toContain("Nothing was watched");
  expect(card.shadowRoot?.querySelector(".bar")).toBeNull();
  card.shadowRoot?.querySelector<HTMLButtonElement>("ol button")?.click();
  await card.updateComplete;
  expect(card.shadowRoot?.querySelector("showrunner-title")).toHaveProperty("about", "Rain");
});

test("nothing was watched", async () => {
  const server = new Server();
  server.answers[TOP] = () => ({ since: "", movies: [], series: [] });
  expect(text(await shown(server))).toContain("Nothing was watched in the last 30 days.");
});

test("days are a number within a year, whatever an editor lets through", () => {
  const of = (given?: unknown) => days({ type: "", ...(given === undefined ? {} : { days: given }) });
  expect([of(), of(7), of("7"), of(0), of(9999), of("x"), of(1.5)]).toEqual([90, 7, 7, 1, 366, 90, 90]);
});
