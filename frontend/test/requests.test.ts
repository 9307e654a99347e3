import { afterEach, expect, test, vi } from "vitest";
import "../src/main";
import { placeOf, type RequestsCard } from "../src/cards/requests";
import type { HomeAssistant } from "../src/ha";
import { page, request } from "./made";
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
  server.tell("requests/page", page([]));
  await card.updateComplete;
  expect(text(card)).toContain("Nobody waits for anything.");
  server.tell("requests/page", page([request("1")]));
  await card.updateComplete;
  expect(text(card)).toContain("Film 1 (2025)");
  expect(text(card)).toContain("Downloading · 40% · 2 min left");
  server.tell("requests/page", { available: false });
  await card.updateComplete;
  expect(text(card)).toContain("The server does not answer");
  expect(text(card)).toContain("Film 1");
});

test("what the server refuses is said", async () => {
  const server = new Server();
  server.answers["showrunner/requests/page"] = () => new Refusal("not_found");
  const card = await shown(server);
  await vi.waitFor(() => expect(text(card)).toContain("no such server"));
});

test("a lost connection is said, and the list stays", async () => {
  const server = new Server();
  const card = await shown(server);
  server.tell("requests/page", page([request("1")]));
  server.lose();
  await card.updateComplete;
  expect(text(card)).toContain("No connection to Home Assistant");
  expect(rows(card)).toHaveLength(1);
});

test("a connection that is lost before an answer came is said as well", async () => {
  const server = new Server();
  const card = await shown(server);
  server.lose();
  await card.updateComplete;
  expect(text(card)).toContain("No connection to Home Assistant");
  server.comeBack();
  await card.updateComplete;
  await Promise.resolve();
  server.tell("requests/page", page([request("1")]));
  await card.updateComplete;
  const select = card.shadowRoot?.querySelector("select") as HTMLSelectElement;
  select.value = "stuck";
  select.dispatchEvent(new Event("change"));
  await card.updateComplete;
  server.lose();
  await card.updateComplete;
  // What was drawn before stays, and nothing was told of what is looked for now.
  expect(rows(card)).toHaveLength(1);
  expect(text(card)).toContain("No connection to Home Assistant");
});

test("a title is text, never markup", async () => {
  const server = new Server();
  const card = await shown(server);
  const stuck = { reason: "refused", since: "2026-11-01T10:00:00+00:00", message: HOSTILE, mending: "retry" };
  server.tell("requests/page", page([request("1", { title: HOSTILE, requested_by: HOSTILE, stuck })]));
  await card.updateComplete;
  expect(text(card)).toContain(HOSTILE);
  expect(card.shadowRoot?.querySelector("img, script")).toBeNull();
  const poster = card.shadowRoot?.querySelector("showrunner-poster");
  await (poster as unknown as { updateComplete: Promise<void> }).updateComplete;
  expect(poster?.shadowRoot?.querySelector("img")).toBeNull();
});

const MANY = Array.from({ length: 10_000 }, (_, index) => request(String(index)));
const tellAll = (server: Server, all = MANY) => {
  for (const one of server.open("requests/page")) one.tell(page(all, one.message));
};
const asked = (server: Server) => server.open("requests/page").map(({ message }) => message);

test("of ten thousand requests a page is asked for, and only what is in view is drawn", async () => {
  const server = new Server();
  const card = await shown(server);
  expect(asked(server)).toMatchObject([{ show: "all", search: "", offset: 0, limit: 40 }]);
  tellAll(server);
  await card.updateComplete;
  expect(rows(card).length).toBeGreaterThan(3);
  expect(rows(card).length).toBeLessThan(30);
  expect(rows(card)[0]?.getAttribute("aria-setsize")).toBe("10000");
  expect(text(card)).toContain("10,000 titles");
});

async function scroll(card: RequestsCard, to: number): Promise<void> {
  const box = card.shadowRoot?.querySelector(".scroll") as HTMLElement;
  box.scrollTop = to;
  box.dispatchEvent(new Event("scroll"));
  await new Promise((done) => requestAnimationFrame(done));
  await card.updateComplete;
}

test("what is scrolled to is asked for, once somebody stays there, and stands where it belongs", async () => {
  const server = new Server();
  const card = await shown(server);
  tellAll(server);
  await card.updateComplete;
  // However slow the machine is, nobody rests on the way.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (const row of [100, 2000, 4000, 5020]) await scroll(card, row * 84);
  expect(rows(card)[0]?.getAttribute("aria-busy")).toBe("true");
  await vi.waitFor(() => expect(asked(server).at(-1)).toMatchObject({ offset: 5000 }));
  vi.useRealTimers();
  // Not every page of the way.
  expect(asked(server).length).toBeLessThan(5);
  tellAll(server);
  await card.updateComplete;
  const first = rows(card)[0] as HTMLElement;
  expect(first.dataset.id).toBe(String(Number(first.getAttribute("aria-posinset")) - 1));
  expect(rows(card).some((row) => row.getAttribute("aria-busy"))).toBe(false);
});

test("who searches is waited for, then the server is asked from the beginning", async () => {
  const server = new Server();
  const card = await shown(server);
  tellAll(server);
  await card.updateComplete;
  await scroll(card, 84_000);
  const input = card.shadowRoot?.querySelector("input") as HTMLInputElement;
  for (const words of ["f", "fi", "film 7 "]) {
    input.value = words;
    input.dispatchEvent(new Event("input"));
  }
  await vi.waitFor(() => expect(asked(server).at(-1)).toMatchObject({ search: "film 7", offset: 0 }));
  expect(server.asked.some(({ search }) => search === "f" || search === "fi")).toBe(false);
  // What is typed is not put right while somebody types.
  expect(input.value).toBe("film 7 ");
  server
    .open("requests/page")
    .at(-1)
    ?.tell({ ...page([]), known: 10_000 });
  await card.updateComplete;
  expect(text(card)).toContain("Nothing matches.");
  expect(rows(card)).toHaveLength(0);
});

test("what is shown is chosen at the server, and until it answers what was drawn stays", async () => {
  const server = new Server();
  const card = await shown(server);
  tellAll(server, [request("1"), request("2")]);
  await card.updateComplete;
  const select = card.shadowRoot?.querySelector("select") as HTMLSelectElement;
  select.value = "stuck";
  select.dispatchEvent(new Event("change"));
  await card.updateComplete;
  await Promise.resolve();
  expect(asked(server).at(-1)).toMatchObject({ show: "stuck", offset: 0 });
  expect(rows(card)).toHaveLength(2);
  server
    .open("requests/page")
    .at(-1)
    ?.tell(page([request("2")]));
  await card.updateComplete;
  expect(rows(card).map((row) => (row as HTMLElement).dataset.id)).toEqual(["2"]);
});

test("a request that two pages name for a moment is drawn once", async () => {
  const server = new Server();
  const card = await shown(server);
  tellAll(server);
  await card.updateComplete;
  await scroll(card, 36 * 84);
  await vi.waitFor(() => expect(asked(server)).toHaveLength(2));
  const [first, second] = server.open("requests/page");
  first?.tell(page(MANY, { offset: 0 }));
  second?.tell(page(MANY, { offset: 39 }));
  await card.updateComplete;
  const ids = rows(card).flatMap((row) => (row as HTMLElement).dataset.id ?? []);
  expect(ids).toContain("39");
  expect(new Set(ids).size).toBe(ids.length);
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
  server.tell("requests/page", page([request("7", { state: "requested" })]));
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

test("what holds it up is said in words, with the button that mends it", async () => {
  const server = new Server();
  const callWS = vi.fn(async () => ({}));
  const card = await shown(server, { callWS: callWS as never });
  const since = "2026-11-01T10:00:00+00:00";
  const stuck = (reason: string, mending: string | null) => ({ reason, since, message: "", mending });
  server.tell(
    "requests/page",
    page([
      request("1", { stuck: { ...stuck("nothing_found", "search"), message: HOSTILE } }),
      request("2", { stuck: stuck("disk_full", null) }),
      request("3", { stuck: stuck("stalled", null) }),
    ]),
  );
  await card.updateComplete;
  expect(text(card)).toContain("Nothing was found ·");
  expect(text(card)).toContain(HOSTILE);
  expect(text(card)).toContain("The disk is full ·");
  const row = (id: string) => card.shadowRoot?.querySelector(`[data-id="${id}"]`);
  expect(row("2")?.querySelector("a.button")?.getAttribute("href")).toBe("/config/repairs");
  expect(row("3")?.querySelector(".button")).toBeNull();
  const button = row("1")?.querySelector<HTMLButtonElement>("button.button");
  expect(button?.getAttribute("aria-label")).toBe("Search again: Film 1");
  button?.click();
  await vi.waitFor(() => expect(text(card)).toContain("Film 1: It is searched for again."));
  expect(callWS).toHaveBeenCalledWith({ type: "showrunner/requests/mend", request_id: "1" });
});

test("what waits for somebody's word is not in trouble, and its place is where it is", async () => {
  const server = new Server();
  const card = await shown(server);
  const since = "2026-11-01T10:00:00+00:00";
  const stuck = { reason: "waiting_for_approval", since, message: "", mending: null };
  server.tell(
    "requests/page",
    page([
      request("1", { state: "requested", stuck }),
      request("2", { state: "downloading", progress: 40 }),
      request("3", { state: "available" }),
    ]),
  );
  await card.updateComplete;
  expect(card.shadowRoot?.querySelectorAll(".warn")).toHaveLength(0);
  const filled = (id: string) =>
    [...(card.shadowRoot?.querySelectorAll<HTMLElement>(`[data-id="${id}"] .steps b`) ?? [])].map(
      (one) => one.style.width,
    );
  expect(filled("1")).toEqual(["50%", "0%", "0%", "0%", "0%", "0%"]);
  expect(filled("2")).toEqual(["100%", "100%", "100%", "40%", "0%", "0%"]);
  expect(filled("3")).toEqual(Array(6).fill("100%"));
});

test("what could not be mended is said, and not that it was", async () => {
  const server = new Server();
  const callWS = vi.fn(async () => {
    throw { code: "home_assistant_error", message: "Radarr does not answer" };
  });
  const card = await shown(server, { callWS: callWS as never });
  const stuck = {
    reason: "not_imported",
    since: "2026-11-01T10:00:00+00:00",
    message: "",
    mending: "look_again",
  };
  server.tell("requests/page", page([request("1", { stuck })]));
  await card.updateComplete;
  card.shadowRoot?.querySelector<HTMLButtonElement>("li button.button")?.click();
  await vi.waitFor(() => expect(text(card)).toContain("That was not done: Radarr does not answer"));
  expect(text(card)).not.toContain("looked at again");
});

test("who is no administrator has no button that would be refused", async () => {
  const server = new Server();
  const card = await shown(server, { user: { is_admin: false } });
  const stuck = { reason: "no_seeds", since: "2026-11-01T10:00:00+00:00", message: "", mending: null };
  server.tell(
    "requests/page",
    page([
      request("7", { state: "requested" }),
      request("8", { stuck }),
      request("9", { stuck: { ...stuck, reason: "refused", mending: "retry" } }),
    ]),
  );
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
