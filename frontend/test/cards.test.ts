import { render } from "lit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "../src/main";
import { byDay, sorted } from "../src/cards/leaving";
import { spaced } from "../src/cards/now";
import { idName } from "../src/cards/title";
import type { HomeAssistant } from "../src/ha";
import type { Base } from "../src/ui/base";
import { findings } from "../src/ui/findings";
import { hassOf, Refusal, Server } from "./server";

const HOSTILE = `"><img src=x onerror=alert(1)>`;
const text = (root: ParentNode | null | undefined) => root?.textContent?.replace(/\s+/g, " ") ?? "";

async function shown(name: string, server: Server, more: Partial<HomeAssistant> = {}, config: object = {}) {
  const card = document.createElement(`showrunner-${name}-card`) as Base & {
    setConfig(config: object): void;
  };
  card.setConfig({ type: `custom:showrunner-${name}-card`, ...config });
  card.hass = hassOf(server, more);
  document.body.append(card);
  await vi.waitFor(() => expect(card.shadowRoot?.querySelector("ha-card")).toBeTruthy());
  return card;
}

async function says(card: Base, words: string) {
  await vi.waitFor(async () => {
    await card.updateComplete;
    expect(text(card.shadowRoot)).toContain(words);
  });
}

let server: Server;

beforeEach(() => {
  server = new Server();
});

afterEach(() => {
  document.body.replaceChildren();
});

const STREAM = {
  id: "s",
  viewer: "Sofa",
  watching: ["Sofa"],
  item_id: "i",
  title: HOSTILE,
  media: "movie",
  device: "Tablet",
  client: "Jellyfin",
  method: "transcode",
  reasons: { audio: ["AudioCodecNotSupported"] },
  bitrate: 8_000_000,
  paused: false,
  runtime: 100,
  position: 50,
};
const sessions = (more: object = {}) => ({ available: true, at: "", streams: [], others: 0, ...more });

test("now: who, where, how and why it is converted; its position moves by itself", async () => {
  const card = await shown("now", server, {}, { history: false });
  await says(card, "Loading…");
  server.tell("sessions/subscribe", sessions({ streams: [STREAM] }));
  await says(card, "Converted · sound: Audio codec not supported · 8 Mb/s");
  expect(text(card.shadowRoot)).toContain(HOSTILE);
  expect(card.shadowRoot?.querySelector("img")).toBeNull();
  const bar = card.shadowRoot?.querySelector("[role=progressbar]");
  expect(bar?.getAttribute("aria-valuenow")).toBe("50");
  await vi.waitFor(() => expect(text(card.shadowRoot)).toContain("0:51"), { timeout: 3000 });
});

test("now: nobody, guests as a number, and a Jellyfin that does not answer", async () => {
  const card = await shown("now", server, {}, { history: false });
  await says(card, "Loading…");
  server.tell("sessions/subscribe", sessions());
  await says(card, "Nobody watches anything.");
  server.tell("sessions/subscribe", sessions({ others: 2 }));
  await says(card, "2 others watch something.");
  server.tell("sessions/subscribe", { available: false, streams: [], others: 0, at: "" });
  await says(card, "The server does not answer");
  expect(text(card.shadowRoot)).not.toContain("Nobody watches");
});

test("now: who may not see what others watch is shown nothing of it", async () => {
  server.answers["showrunner/decisions/list"] = () => new Refusal("unauthorized");
  server.answers.call_service = () => new Refusal("unauthorized");
  const card = await shown("now", server, { user: { is_admin: false } });
  server.tell("sessions/subscribe", sessions());
  await says(card, "Nobody watches anything.");
  expect(text(card.shadowRoot)).not.toContain("Watched last");
  expect(text(card.shadowRoot)).not.toContain("Decided last");
});

test("a reason of Jellyfin's is words", () => {
  expect(spaced("VideoBitDepthNotSupported")).toBe("Video bit depth not supported");
});

const LEAVING = {
  title: HOSTILE,
  media: "series",
  ids: ["tvdb:5"],
  season: 2,
  leaves_at: "2126-12-01T03:00:00+00:00",
  bytes: 1e9,
  reasons: ["Watched by Sofa.", "Nothing keeps it: not playing now."],
};

test("leaving: why something leaves is said as the server says it, and nothing where it says nothing", async () => {
  const bare = { ...LEAVING, title: "Granite", season: null, reasons: [] };
  server.answers["showrunner/leaving/list"] = () => ({
    leaving: [LEAVING, bare],
    count: 2,
    next_deletion: null,
  });
  const card = await shown("leaving", server, {}, { plans: false });
  await says(card, "Watched by Sofa. Nothing keeps it: not playing now.");
  expect(card.shadowRoot?.querySelectorAll(".why")).toHaveLength(1);
  expect(card.shadowRoot?.querySelector("img")).toBeNull();
});

test("leaving: nobody has looked is not: nothing leaves", async () => {
  server.answers["showrunner/leaving/list"] = () => ({ leaving: null, count: null, next_deletion: null });
  const card = await shown("leaving", server, {}, { plans: false });
  await says(card, "Nobody has looked yet");
  expect(text(card.shadowRoot)).not.toContain("Nothing leaves.");
});

test("leaving: what a person keeps is named with its kind and season, and the list is asked anew", async () => {
  server.answers["showrunner/leaving/list"] = () => ({ leaving: [LEAVING], count: 3, next_deletion: null });
  const callWS = vi.fn(async () => ({}));
  const card = await shown("leaving", server, { callWS: callWS as never }, { plans: false });
  await says(card, "Season 2 · 1 GB");
  await says(card, "2 more");
  const before = server.asked.length;
  card.shadowRoot?.querySelector<HTMLButtonElement>(".button.main")?.click();
  await vi.waitFor(() => expect(server.asked.length).toBe(before + 1));
  const data = { title: "series:tvdb:5", season: 2 };
  expect(callWS).toHaveBeenCalledWith(expect.objectContaining({ service: "keep", service_data: data }));
});

test("leaving: who is no administrator has no buttons", async () => {
  server.answers["showrunner/leaving/list"] = () => ({ leaving: [LEAVING], count: 1, next_deletion: null });
  const card = await shown("leaving", server, { user: { is_admin: false } }, { plans: false });
  await says(card, "Season 2");
  expect(card.shadowRoot?.querySelectorAll(".button")).toHaveLength(0);
});

test("days are in their order, and within a day what leaves first", () => {
  const at = (leaves_at: string) => ({ leaves_at });
  const days = byDay(
    [at("2026-12-02T03"), at("2026-12-01T05"), at("2026-12-01T03")].map((one) => ({
      leaves_at: `${one.leaves_at}:00:00Z`,
    })),
    (day) => day.toISOString().slice(0, 10),
  );
  expect(days.map(([day, ones]) => [day, ones.length])).toEqual([
    ["2026-12-01", 2],
    ["2026-12-02", 1],
  ]);
});

const LATER = "2126-12-01T10:00:00+00:00";
const summary = (plan_id: string, job: string, more: object = {}) =>
  ({
    plan_id,
    job,
    dry_run: true,
    created_at: "2026-11-30T10:00:00+00:00",
    expires_at: LATER,
    paused: false,
    left_out_count: 0,
    totals: { planned: 12, bytes: 84e9 },
    titles: [HOSTILE],
    title_count: 1,
    running: false,
    waiting: 0,
    ...more,
  }) as never;

test("plans: what goes on, then what waits for an answer; the newest of a job is how things stand", () => {
  const ids = (plans: object[], now?: number) =>
    sorted(plans as never, now).map((part) => part.map((one) => one.plan_id).join());
  const done = { totals: { done: 3 } };
  expect(
    ids([
      summary("a", "cleanup"),
      summary("b", "cleanup"),
      summary("c", "sync", { running: true }),
      summary("d", "purge", { waiting: 2 }),
      summary("e", "download"),
      summary("f", "download"),
      summary("g", "extras", done),
    ]),
  ).toEqual(["c,d,a,e,f", "b,g"]);
  // What was carried out since takes the question away, and so does time.
  expect(ids([summary("a", "cleanup", done), summary("b", "cleanup")])).toEqual(["", "a,b"]);
  expect(ids([summary("a", "cleanup")], Date.parse(LATER))).toEqual(["", "a"]);
  expect(ids([summary("a", "cleanup")], Date.parse(LATER) - 1)).toEqual(["a", ""]);
  // A plan that goes on does not hide what its job proposes, nor the other way round.
  expect(ids([summary("a", "cleanup", { running: true }), summary("b", "cleanup")])).toEqual(["a,b", ""]);
});

test("leaving: a plan that waits is found before all titles, in one line; the others are folded", async () => {
  server.answers["showrunner/leaving/list"] = () => ({ leaving: [LEAVING], count: 1, next_deletion: null });
  const plans = [
    summary("s", "sync", { running: true, totals: { planned: 3, done: 1 } }),
    summary("p", "cleanup"),
    summary("o", "purge", { totals: { done: 2 } }),
  ];
  server.answers["showrunner/plans/list"] = () => ({ plans });
  const card = await shown("leaving", server);
  await says(card, "Cleanup of what was watched 12 steps · 84 GB waits for you");
  await says(card, "1 of 4 steps");
  const order = [...(card.shadowRoot?.querySelectorAll(".first, details, h3") ?? [])];
  expect(order.map((one) => one.localName)).toEqual(["ul", "details", "h3"]);
  expect(text(order[1]?.querySelector("summary"))).toContain("1 earlier plan");
  expect((order[1] as HTMLDetailsElement).open).toBe(false);
  expect(order[1]?.querySelectorAll("li")).toHaveLength(1);
  order[0]?.querySelectorAll<HTMLButtonElement>("button")[1]?.click();
  await card.updateComplete;
  expect(card.shadowRoot?.querySelector("showrunner-plan")).toHaveProperty("planId", "p");
  card.remove();
  const reader = await shown("leaving", server, { user: { is_admin: false } });
  await says(reader, "waits for an answer");
});

function plan(more: object = {}) {
  const step = (id: string, state = "planned") => ({
    id,
    action: "delete_movie",
    scope: "movie",
    title: `${HOSTILE} ${id}`,
    target: { service: "Radarr", kind: "movie", id: "1", path: "/data/x" },
    reasons: ["Sofa has watched it"],
    findings: [
      { rule: "kept", answer: "no", value: null, threshold: null, source: "", detail: "Nobody keeps it" },
    ],
    proofs: [],
    bytes: 1e9,
    undo: "re_add",
    state,
    detail: "",
    ledger_id: state === "done" ? 42 : null,
  });
  return {
    plan_id: "p",
    job: "cleanup",
    dry_run: true,
    created_at: "2026-11-30T10:00:00+00:00",
    expires_at: "2126-12-01T10:00:00+00:00",
    paused: false,
    steps: [step("a"), step("b"), step("c", "done")],
    left_out: [{ title: "Granite", reason: "It plays now", unknown: false }],
    left_out_count: 1,
    totals: { planned: 2, done: 1, bytes: 3e9 },
    ...more,
  };
}

async function planShown(callWS: ReturnType<typeof vi.fn>, admin = true, more: object = {}) {
  const dialog = document.createElement("showrunner-plan") as Base & { planId: string };
  dialog.planId = "p";
  dialog.hass = hassOf(server, { callWS: callWS as never, user: { is_admin: admin } });
  document.body.append(dialog);
  await vi.waitFor(() => expect(server.open("plans/subscribe")).toHaveLength(1));
  server.tell("plans/subscribe", { available: true, running: false, plan: plan(more) });
  await says(dialog, "Cleanup of what was watched");
  return dialog;
}

const button = (root: Base, words: string) =>
  [...(root.shadowRoot?.querySelectorAll("button") ?? [])].find((one) => text(one).includes(words));

test("a plan: one tap changes nothing; what is chosen is applied after a second one", async () => {
  const callWS = vi.fn(async () => ({}));
  const dialog = await planShown(callWS);
  expect(dialog.shadowRoot?.querySelector("img")).toBeNull();
  dialog.shadowRoot?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
  await dialog.updateComplete;
  button(dialog, "Apply 1 step…")?.click();
  await says(dialog, "Really carry out 1 step (1 GB)?");
  expect(callWS).not.toHaveBeenCalled();
  button(dialog, "Carry out")?.click();
  await vi.waitFor(() => expect(callWS).toHaveBeenCalledTimes(1));
  const message = {
    type: "showrunner/plans/apply",
    plan_id: "p",
    steps: ["b"],
    dry_run: false,
    confirm: true,
  };
  expect(callWS).toHaveBeenCalledWith(message);
});

test("a plan: all of it is said without naming its steps, and back is back", async () => {
  const callWS = vi.fn(async () => ({}));
  const dialog = await planShown(callWS);
  button(dialog, "Apply 2 steps…")?.click();
  await dialog.updateComplete;
  button(dialog, "Back")?.click();
  await dialog.updateComplete;
  button(dialog, "Apply 2 steps…")?.click();
  await dialog.updateComplete;
  button(dialog, "Carry out")?.click();
  await vi.waitFor(() => expect(callWS).toHaveBeenCalledTimes(1));
  expect(callWS).toHaveBeenCalledWith({
    type: "showrunner/plans/apply",
    plan_id: "p",
    dry_run: false,
    confirm: true,
  });
});

test("a plan: what was done is taken back, after it was said", async () => {
  const callWS = vi.fn(async () => ({}));
  const dialog = await planShown(callWS);
  button(dialog, "Undo…")?.click();
  await says(dialog, "Take back what was done to");
  button(dialog, "Take back")?.click();
  await vi.waitFor(() => expect(callWS).toHaveBeenCalledTimes(1));
  expect(callWS).toHaveBeenCalledWith(
    expect.objectContaining({
      service: "undo",
      service_data: { ledger_id: 42, dry_run: false, confirm: true },
    }),
  );
});

test("a plan: what nothing takes back has no button for that", async () => {
  const steps = plan().steps.map((step) => ({ ...step, state: "done", ledger_id: 42 }));
  const ends = { steps: steps.map((step, index) => (index ? { ...step, undo: "none" } : step)) };
  const dialog = await planShown(vi.fn(), true, ends);
  const buttons = [...(dialog.shadowRoot?.querySelectorAll(".step button") ?? [])];
  expect(buttons).toHaveLength(1);
});

test("a plan: how it goes on is shown while it runs, and only then it can be stopped", async () => {
  const callWS = vi.fn(async () => ({}));
  const dialog = await planShown(callWS);
  expect(button(dialog, "Cancel the rest")).toBeUndefined();
  const boxes = () => dialog.shadowRoot?.querySelectorAll("input").length;
  expect(boxes()).toBe(2);
  const done = { ...plan().steps[0], state: "done", ledger_id: 41 };
  const summary = { ...plan(), steps: undefined, totals: { planned: 1, done: 2 } };
  delete (summary as { steps?: unknown }).steps;
  server.tell("plans/subscribe", { available: true, running: true, plan: summary, changed: [done] });
  await says(dialog, "running");
  // What is under way is no longer chosen from, also not what is still planned.
  expect([boxes(), button(dialog, "Apply")]).toEqual([0, undefined]);
  const bar = dialog.shadowRoot?.querySelector("[role=progressbar]");
  expect([bar?.getAttribute("aria-valuenow"), bar?.getAttribute("aria-valuemax")]).toEqual(["2", "3"]);
  button(dialog, "Cancel the rest")?.click();
  await vi.waitFor(() =>
    expect(callWS).toHaveBeenCalledWith({ type: "showrunner/plans/cancel", plan_id: "p" }),
  );
});

test("a plan: too old is not applied, and others than administrators only read", async () => {
  const dialog = await planShown(vi.fn(), true, { expires_at: "2020-01-01T00:00:00+00:00" });
  await says(dialog, "Too old to be applied");
  expect(button(dialog, "Apply")).toBeUndefined();
  dialog.remove();
  server = new Server();
  const reader = await planShown(vi.fn(), false);
  expect(button(reader, "Apply")).toBeUndefined();
  expect(button(reader, "Undo")).toBeUndefined();
  expect(reader.shadowRoot?.querySelectorAll("input")).toHaveLength(0);
});

const STORY = {
  title: HOSTILE,
  media: "movie",
  ids: ["tmdb:603"],
  override: "auto",
  keeps: [],
  status: null,
  detail: null,
  older: false,
  events: [
    {
      at: "2026-11-01T10:00:00+00:00",
      decision: {
        verdict: "download",
        reason: "IMDb 8.9",
        findings: [
          { rule: "instant_rating", answer: "yes", value: 8.9, threshold: 8.5, source: "radarr", detail: "" },
          {
            rule: "rare_seeders",
            answer: "unknown",
            value: null,
            threshold: 10,
            source: "prowlarr",
            detail: "",
          },
        ],
      },
    },
    { at: "2026-11-02T10:00:00+00:00", beamed_up: { by: "Scotty" } },
  ],
};

async function titleShown(more: Partial<HomeAssistant> = {}) {
  server.answers["showrunner/title/get"] = () => STORY;
  const dialog = document.createElement("showrunner-title") as Base & { about: string };
  dialog.about = "movie:tmdb:603";
  dialog.hass = hassOf(server, more);
  document.body.append(dialog);
  await says(dialog, "IMDb 8.9");
  return dialog;
}

test("a title: each rule is yes, no or unknown, with what it saw and what it asks for", async () => {
  const dialog = await titleShown();
  expect(text(dialog.shadowRoot)).toContain("Rating for an instant download: 8.9 / 8.5");
  const marks = [...(dialog.shadowRoot?.querySelectorAll(".mark") ?? [])].map((one) =>
    one.getAttribute("aria-label"),
  );
  expect(marks).toEqual(["yes", "unknown"]);
  expect(text(dialog.shadowRoot)).toContain("beamed up");
  expect(dialog.shadowRoot?.querySelector("img")).toBeNull();
});

test("what a dialog tells is scrolled by keyboard, though nothing in it takes the focus", async () => {
  const dialog = await titleShown();
  const told = dialog.shadowRoot?.querySelector<HTMLElement>(".scroll");
  expect([told?.tabIndex, told?.getAttribute("aria-labelledby")]).toEqual([0, "heading"]);
});

test("a title's ids are written as those write themselves who count so", () => {
  expect(["tmdb:603", "imdb:tt0133093", "shoko:7", "odd"].map(idName)).toEqual([
    "TMDB 603",
    "IMDb tt0133093",
    "shoko 7",
    "odd",
  ]);
});

test("a step is chosen by a tap beside its box too", async () => {
  const dialog = await planShown(vi.fn());
  dialog.shadowRoot?.querySelector<HTMLElement>(".hit")?.click();
  await dialog.updateComplete;
  expect(button(dialog, "Apply 1 step…")).toBeTruthy();
  dialog.remove();
});

test("a rule's instants and numbers are said as people write them", () => {
  const one = (value: unknown, threshold: unknown = null) =>
    ({ rule: "grace", answer: "yes", value, threshold, source: "", detail: "" }) as const;
  const box = document.createElement("div");
  const said = (...found: ReturnType<typeof one>[]) => {
    render(findings(hassOf(server), found), box);
    return [...box.querySelectorAll("li span:last-child")].map((row) => text(row));
  };
  expect(
    said(one("2021-02-03T06:24:06.142946+00:00", 5), one(12345.67), one("2021-02-03"), one({ a: 1 })),
  ).toEqual([
    "Its grace is over (since when / days): Feb 3, 2021, 6:24 AM / 5",
    "Its grace is over (since when / days): 12,345.7",
    "Its grace is over (since when / days): 2021-02-03",
    'Its grace is over (since when / days): {"a":1}',
  ]);
});

test("a title: a person's word is for administrators", async () => {
  const callWS = vi.fn(async () => ({}));
  const dialog = await titleShown({ callWS: callWS as never });
  const select = dialog.shadowRoot?.querySelector("select") as HTMLSelectElement;
  select.value = "never";
  select.dispatchEvent(new Event("change"));
  await vi.waitFor(() => expect(callWS).toHaveBeenCalledTimes(1));
  const data = { title: "movie:tmdb:603", policy: "never" };
  expect(callWS).toHaveBeenCalledWith(
    expect.objectContaining({ service: "set_override", service_data: data }),
  );
  dialog.remove();
  server = new Server();
  const reader = await titleShown({ user: { is_admin: false } });
  expect(reader.shadowRoot?.querySelector(".foot select, .foot button")).toBeNull();
});

const own = (key: string, domain = "sensor") => ({
  entity_id: `${domain}.box_${key}`,
  platform: "showrunner",
  translation_key: key,
  device_id: "box",
});
const ENTITIES = Object.fromEntries(
  [
    own("used_percent"),
    own("used"),
    own("total"),
    own("download_rate"),
    own("over_target", "binary_sensor"),
  ].map((one) => [one.entity_id, one]),
);
const state = (entity_id: string, value: string, unit = "") =>
  ({ entity_id, state: value, attributes: { unit_of_measurement: unit } }) as never;

test("seedbox: room, target and rates of each client; unknown is not zero", async () => {
  const states = {
    "sensor.box_used_percent": state("sensor.box_used_percent", "unavailable"),
    "sensor.box_used": state("sensor.box_used", "400", "GB"),
    "sensor.box_total": state("sensor.box_total", "500", "GB"),
    "sensor.box_download_rate": state("sensor.box_download_rate", "3", "MB/s"),
    "binary_sensor.box_over_target": state("binary_sensor.box_over_target", "on"),
  };
  const devices = { box: { id: "box", name: "Seedbox" } };
  const card = await shown("seedbox", server, { entities: ENTITIES, devices, states }, { transfers: false });
  await says(card, "unknown");
  const meter = card.shadowRoot?.querySelector("[role=meter]");
  expect(meter?.hasAttribute("aria-valuenow")).toBe(false);
  card.hass = {
    ...(card.hass as HomeAssistant),
    states: { ...states, "sensor.box_used_percent": state("sensor.box_used_percent", "80") },
  };
  await says(card, "80%");
  await says(card, "400 GB / 500 GB · over the target");
  const stream = server.subscriptions.find((one) => one.message.type === "history/stream");
  const now = Date.now() / 1000;
  stream?.tell({
    states: {
      "sensor.box_download_rate": [
        { s: "1", lu: now - 60 },
        { s: "3", lu: now },
      ],
    },
  });
  await vi.waitFor(() => expect(card.shadowRoot?.querySelector("polyline")).toBeTruthy());
});

test("seedbox: transfers, their files and what is not known of them", async () => {
  const card = await shown("seedbox", server);
  await says(card, "No torrent client is linked.");
  const file = { name: HOSTILE, done_bytes: 5e8, total_bytes: 1e9 };
  const transfer = {
    id: "t",
    title: "Box",
    connected: true,
    state: "fetching",
    done_bytes: 5e8,
    total_bytes: 1e9,
  };
  const more = { percent: 50, rate: 1e7, remaining: 50, files: [file], last_sync: null };
  server.tell("transfer/subscribe", { available: true, transfers: [{ ...transfer, ...more }] });
  await says(card, "Fetching · 10 MB/s · 50 sec left");
  expect(card.shadowRoot?.querySelector("img")).toBeNull();
  const idle = {
    ...transfer,
    ...more,
    connected: false,
    total_bytes: null,
    files: [],
    rate: null,
    remaining: null,
  };
  server.tell("transfer/subscribe", { available: true, transfers: [idle] });
  await says(card, "Does not answer");
  await says(card, "Nothing was transferred yet.");
});

const BOX = {
  entities: ENTITIES,
  devices: { box: { id: "box", name: "Seedbox", identifiers: [["showrunner", "entry_sub1"]] } } as never,
  states: {
    "sensor.box_used_percent": state("sensor.box_used_percent", "80"),
    "sensor.box_used": state("sensor.box_used", "400", "GB"),
  },
};
const outlook = (more: object = {}, clients: object[] = []) => ({
  clients,
  purge: { at: null, candidates: null, count: null, bytes: null, ...more },
});

test("seedbox: when it is full is said where it is known, and of the client that it is about", async () => {
  const full_at = new Date(Date.now() + 3.5 * 86_400_000).toISOString();
  server.answers["showrunner/seedbox/outlook"] = () =>
    outlook({}, [
      { id: "other", rate: 1e9, full_at },
      { id: "sub1", rate: 5e9, full_at },
    ]);
  const card = await shown("seedbox", server, BOX, { transfers: false });
  await says(card, "Full in 3 days if nothing goes: 5 GB came in a day.");
  expect(text(card.shadowRoot)).not.toContain("1 GB came");
  card.remove();
  server = new Server();
  server.answers["showrunner/seedbox/outlook"] = () =>
    outlook({}, [{ id: "sub1", rate: null, full_at: null }]);
  const silent = await shown("seedbox", server, BOX, { transfers: false });
  await says(silent, "Nobody has looked yet what may go.");
  expect(text(silent.shadowRoot)).not.toContain("Full ");
});

test("seedbox: the next purge names what goes and why; that nothing may go is not: nobody has looked", async () => {
  const going = { title: HOSTILE, client: "sub1", bytes: 1e9, reasons: ["Imported.", "Its data go too."] };
  server.answers["showrunner/seedbox/outlook"] = () =>
    outlook({ candidates: [going], count: 3, bytes: 7e9, at: "2126-12-01T04:00:00+00:00" });
  const card = await shown("seedbox", server, BOX, { transfers: false });
  await says(card, "Imported. Its data go too.");
  await says(card, "3 torrents · 7 GB");
  await says(card, "2 more");
  expect(text(card.shadowRoot)).toContain("2126");
  expect(card.shadowRoot?.querySelector("img")).toBeNull();
  card.remove();
  server = new Server();
  server.answers["showrunner/seedbox/outlook"] = () => outlook({ candidates: [], count: 0, bytes: 0 });
  const none = await shown("seedbox", server, BOX, { transfers: false });
  await says(none, "Does not begin by itself · nothing may go");
  none.remove();
  const without = await shown("seedbox", server, BOX, { transfers: false, purge: false });
  await without.updateComplete;
  expect(text(without.shadowRoot)).not.toContain("Next purge");
});

const running = { plan_id: "s", job: "sync", running: true, waiting: 0, paused: false, totals: {} };

test("seedbox: what is transferred is paused, goes on, and is ended, by administrators", async () => {
  let plans: object[] = [{ ...running, plan_id: "old", running: false }, running];
  server.answers["showrunner/plans/list"] = () => ({ plans });
  const callWS = vi.fn(async () => ({}));
  const card = await shown("seedbox", server, { callWS: callWS as never });
  const moving = { id: "t", title: "Box", connected: true, state: "fetching", files: [], done_bytes: 1 };
  const transfers = [{ ...moving, total_bytes: 2, percent: 50, rate: 1, remaining: 1, last_sync: null }];
  server.tell("transfer/subscribe", { available: true, transfers });
  await says(card, "Pause");
  expect(server.asked).toContainEqual({ type: "showrunner/plans/list", limit: 10, job: "sync" });
  button(card, "Pause")?.click();
  await vi.waitFor(() =>
    expect(callWS).toHaveBeenCalledWith({ type: "showrunner/plans/pause", plan_id: "s" }),
  );
  const askedFor = () => server.asked.filter((one) => one.type === "showrunner/plans/list").length;
  await vi.waitFor(() => expect(askedFor()).toBe(2));
  // It pauses when its file lets it: that is heard of by how the transfer stands.
  plans = [{ ...running, running: false, waiting: 2, paused: true }];
  server.tell("transfer/subscribe", {
    available: true,
    transfers: transfers.map((one) => ({ ...one, state: "paused" })),
  });
  await says(card, "Go on");
  button(card, "Go on")?.click();
  await vi.waitFor(() =>
    expect(callWS).toHaveBeenLastCalledWith({ type: "showrunner/plans/resume", plan_id: "s" }),
  );
  await vi.waitFor(() => expect(button(card, "Cancel the rest")?.disabled).toBe(false));
  button(card, "Cancel the rest")?.click();
  await vi.waitFor(() =>
    expect(callWS).toHaveBeenLastCalledWith({ type: "showrunner/plans/cancel", plan_id: "s" }),
  );
});

test("seedbox: who is no administrator has no button, and what is over has none", async () => {
  server.answers["showrunner/plans/list"] = () => ({ plans: [running] });
  const reader = await shown("seedbox", server, { user: { is_admin: false } });
  server.tell("transfer/subscribe", { available: true, transfers: [] });
  await says(reader, "No transfer is linked.");
  expect(server.asked.some((one) => one.type === "showrunner/plans/list")).toBe(false);
  expect(button(reader, "Pause")).toBeUndefined();
  reader.remove();
  server = new Server();
  server.answers["showrunner/plans/list"] = () => ({ plans: [{ ...running, running: false }] });
  const card = await shown("seedbox", server);
  server.tell("transfer/subscribe", { available: true, transfers: [] });
  await vi.waitFor(() => expect(server.asked.some((one) => one.type === "showrunner/plans/list")).toBe(true));
  await says(card, "No transfer is linked.");
  expect(button(card, "Pause")).toBeUndefined();
});
