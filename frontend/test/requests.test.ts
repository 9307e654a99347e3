import { afterEach, expect, test, vi } from "vitest";
import "../src/main";
import { matches, placeOf, type RequestsCard, sorted } from "../src/cards/requests";
import type { HomeAssistant } from "../src/ha";
import { request } from "./made";
import { hassOf, Refusal, Server } from "./server";

const HOSTILE = `<img src=x onerror="globalThis.pwned=1"><script>1</script>`;

async function shown(server: Server, more: Partial<HomeAssistant> = {}): Promise<RequestsCard> {
  const card = document.createElement("showrunner-requests-card") as RequestsCard;
  card.setConfig({ type: "custom:showrunner-requests-card" });
  card.hass = hassOf(server, more);
  document.body.append(card);
  await card.updateComplete;
  await Promise.resolve();
  return card;
}

const text = (card: HTMLElement) => card.shadowRoot?.textContent?.replace(/\s+/g, " ") ?? "";
const rows = (card: HTMLElement) => [...(card.shadowRoot?.querySelectorAll("li.row") ?? [])];

afterEach(() => {
  document.body.replaceChildren();
});

test("it says that it loads, what there is, and that nobody knows", async () => {
  const server = new Server();
  const card = await shown(server);
  expect(text(card)).toContain("Loading…");
  server.tell("requests/subscribe", { available: true, requests: [] });
  await card.updateComplete;
  expect(text(card)).toContain("Nobody waits for anything.");
  server.tell("requests/subscribe", { available: true, changed: [request("1")] });
  await card.updateComplete;
  expect(text(card)).toContain("Film 1 (2025)");
  expect(text(card)).toContain("Downloading · 40% · 2 min left");
  server.tell("requests/subscribe", { available: false, requests: [] });
  await card.updateComplete;
  expect(text(card)).toContain("The server does not answer");
  expect(text(card)).toContain("Film 1");
});

test("what the server refuses is said", async () => {
  const server = new Server();
  server.answers["showrunner/requests/subscribe"] = () => new Refusal("not_found");
  const card = await shown(server);
  await vi.waitFor(() => expect(text(card)).toContain("no such server"));
});

test("a lost connection is said, and the list stays", async () => {
  const server = new Server();
  const card = await shown(server);
  server.tell("requests/subscribe", { available: true, requests: [request("1")] });
  server.lose();
  await card.updateComplete;
  expect(text(card)).toContain("No connection to Home Assistant");
  expect(rows(card)).toHaveLength(1);
});

test("a title is text, never markup", async () => {
  const server = new Server();
  const card = await shown(server);
  const stuck = { reason: "refused", since: "2026-11-01T10:00:00+00:00", message: HOSTILE };
  server.tell("requests/subscribe", {
    available: true,
    requests: [request("1", { title: HOSTILE, requested_by: HOSTILE, stuck })],
  });
  await card.updateComplete;
  expect(text(card)).toContain(HOSTILE);
  expect(card.shadowRoot?.querySelector("img, script")).toBeNull();
  const poster = card.shadowRoot?.querySelector("showrunner-poster");
  await (poster as unknown as { updateComplete: Promise<void> }).updateComplete;
  expect(poster?.shadowRoot?.querySelector("img")).toBeNull();
});

test("of ten thousand requests only what is in view is drawn", async () => {
  const server = new Server();
  const card = await shown(server);
  const many = Array.from({ length: 10_000 }, (_, index) => request(String(index)));
  server.tell("requests/subscribe", { available: true, requests: many });
  await card.updateComplete;
  expect(rows(card).length).toBeGreaterThan(3);
  expect(rows(card).length).toBeLessThan(30);
  expect(rows(card)[0]?.getAttribute("aria-setsize")).toBe("10000");
  expect(text(card)).toContain("10,000 titles");
});

test("the stuck ones are first, then the newest", () => {
  const stuck = { reason: "no_seeds", since: "2026-11-01T10:00:00+00:00", message: "" };
  const waiting = { ...stuck, reason: "waiting_for_approval" };
  const list = sorted([
    request("1", { state: "available" }),
    request("3"),
    request("2", { stuck }),
    request("4"),
    request("5", { state: "requested", stuck: waiting }),
  ]);
  expect(list.map((one) => one.request_id)).toEqual(["2", "5", "4", "3", "1"]);
  expect(list.filter((one) => matches(one, "", "stuck"))).toHaveLength(1);
});

test("it is searched by title, other titles, person and year, and by how it stands", () => {
  const one = request("1", { title: "Spirited", other_titles: ["Sen to Chihiro"], state: "requested" });
  expect(matches(one, "chihiro kitchen 2025", "all")).toBe(true);
  expect(matches(one, "chihiro sofa", "all")).toBe(false);
  expect(matches(one, "", "stuck")).toBe(false);
  expect(matches(one, "", "requested")).toBe(true);
});

test("an anime has Shoko's place, and states that share a place have one", () => {
  expect(placeOf(request("1", { state: "downloaded" })).at).toBe(
    placeOf(request("1", { state: "importing" })).at,
  );
  expect(placeOf(request("1", { anime: true, state: "anime_matching" }))).toMatchObject({ at: 5 });
});

test("an administrator approves or declines, and hears when that was refused", async () => {
  const server = new Server();
  const callWS = vi.fn(async () => {
    throw { code: "home_assistant_error", message: "Seerr does not answer" };
  });
  const card = await shown(server, { callWS: callWS as never });
  server.tell("requests/subscribe", { available: true, requests: [request("7", { state: "requested" })] });
  await card.updateComplete;
  const buttons = [...(card.shadowRoot?.querySelectorAll<HTMLButtonElement>("li .button") ?? [])];
  expect(buttons.map((one) => one.getAttribute("aria-label"))).toEqual(["Approve Film 7", "Decline Film 7"]);
  buttons[0]?.click();
  await vi.waitFor(() => expect(text(card)).toContain("That was not done: Seerr does not answer"));
  expect(callWS).toHaveBeenCalledWith({ type: "showrunner/requests/approve", request_id: "7" });
  await vi.waitFor(() => expect(buttons[1]?.disabled).toBe(false));
  buttons[1]?.click();
  expect(callWS).toHaveBeenLastCalledWith({ type: "showrunner/requests/decline", request_id: "7" });
});

test("who is no administrator has no button that would be refused", async () => {
  const server = new Server();
  const card = await shown(server, { user: { is_admin: false } });
  const stuck = { reason: "no_seeds", since: "2026-11-01T10:00:00+00:00", message: "" };
  server.tell("requests/subscribe", {
    available: true,
    requests: [request("7", { state: "requested" }), request("8", { stuck })],
  });
  await card.updateComplete;
  expect(card.shadowRoot?.querySelectorAll("li .button")).toHaveLength(0);
});

test("news of Home Assistant that are not shown draw nothing anew", async () => {
  const server = new Server();
  const card = await shown(server);
  const hass = card.hass as HomeAssistant;
  const drawn = vi.spyOn(card as unknown as { render(): unknown }, "render");
  card.hass = { ...hass, states: {} };
  await card.updateComplete;
  expect(drawn).not.toHaveBeenCalled();
  card.hass = { ...hass, language: "de" };
  await card.updateComplete;
  expect(text(card)).toContain("Anfragen");
});
