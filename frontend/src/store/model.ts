/** What the server tells, and how its events change what is known. */
import type { Connection } from "home-assistant-js-websocket";
import { type Feed, polled, subscribed } from "./feed";

export interface Stuck {
  reason: string;
  since: string;
  message: string;
  /** What can be done about it at once; null where nothing can be done from here. */
  mending: string | null;
}

export interface MediaRequest {
  request_id: string;
  title: string;
  year: number | null;
  media: string;
  ids: string[];
  other_titles: string[];
  anime: boolean;
  is_4k: boolean;
  state: string;
  progress: number | null;
  eta: number | null;
  episodes: Record<string, number>;
  stage: string | null;
  stuck: Stuck | null;
  requested_by: string;
  requested_at: string;
  available_at: string | null;
  closed: string | null;
}

/** A part of the requests that are looked for, in the server's order. */
export interface RequestPage {
  available: boolean;
  rows: readonly MediaRequest[];
  /** How many there are of what is looked for, how many of those in trouble, and of all. */
  total: number;
  stuck: number;
  known: number;
}

interface PageEvent {
  available: boolean;
  total?: number;
  stuck?: number;
  known?: number;
  /** All that are on the page, in order; those of them that are new or changed. */
  ids?: string[];
  changed?: MediaRequest[];
}

export function foldPage(before: RequestPage | undefined, event: PageEvent): RequestPage {
  const { available, ids = [], changed = [], total = 0, stuck = 0, known = 0 } = event;
  // While nobody knows how they stand, what was known is better than an empty list.
  if (!available) return { rows: [], total, stuck, known, ...before, available };
  const byId = new Map([...(before?.rows ?? []), ...changed].map((one) => [one.request_id, one]));
  return { available, total, stuck, known, rows: ids.flatMap((id) => byId.get(id) ?? []) };
}

export interface Stream {
  id: string;
  viewer: string | null;
  watching: string[];
  item_id: string;
  title: string;
  media: string;
  device: string;
  client: string;
  method: string;
  reasons: Record<string, string[]>;
  bitrate: number | null;
  paused: boolean;
  runtime: number | null;
  position: number | null;
}

export interface Sessions {
  available: boolean;
  at: string;
  streams: Stream[];
  others: number;
  /** By this page's own clock, when it was told: what plays moves on from there. */
  since: number;
}

export function foldSessions(_: Sessions | undefined, event: Omit<Sessions, "since">): Sessions {
  return { ...event, since: performance.now() };
}

/** Where a stream is now, in seconds. */
export function positionOf(stream: Stream, sessions: Sessions, now: number): number | null {
  if (stream.position === null) return null;
  const passed = stream.paused || !sessions.available ? 0 : (now - sessions.since) / 1000;
  return Math.max(0, Math.min(stream.position + passed, stream.runtime ?? Number.POSITIVE_INFINITY));
}

export interface Leaving {
  title: string;
  media: string;
  ids: string[];
  season: number | null;
  leaves_at: string;
  bytes: number | null;
  /** Why it leaves, in sentences; none where others are not to know who has watched it. */
  reasons: string[];
}

export interface LeavingList {
  leaving: Leaving[] | null;
  count: number | null;
  next_deletion: string | null;
}

export interface Finding {
  rule: string;
  answer: string;
  value: unknown;
  threshold: unknown;
  source: string;
  detail: string;
}

export interface Step {
  id: string;
  action: string;
  scope: string;
  title: string;
  target: { service: string; kind: string; id: string; path: string };
  reasons: string[];
  findings: Finding[];
  proofs: { kind?: string; detail?: string; [key: string]: unknown }[];
  bytes: number | null;
  undo: string;
  state: string;
  detail: string;
  ledger_id: number | null;
}

export interface PlanSummary {
  plan_id: string;
  job: string;
  dry_run: boolean;
  created_at: string;
  expires_at: string;
  paused: boolean;
  left_out_count: number;
  totals: Record<string, number>;
  titles?: string[];
  title_count?: number;
  /** Of a list: whether it is carried out now, and how many of its steps go on by themselves. */
  running?: boolean;
  waiting?: number;
}

export interface Plan extends PlanSummary {
  steps: Step[];
  left_out: { title: string; reason: string; unknown: boolean }[];
}

export interface PlanNews {
  available: boolean;
  running?: boolean;
  plan?: Plan | PlanSummary;
  changed?: Step[];
}

export interface FollowedPlan {
  available: boolean;
  running: boolean;
  plan?: Plan;
}

export function foldPlan(before: FollowedPlan | undefined, news: PlanNews): FollowedPlan {
  let plan = before?.plan;
  if (news.plan) {
    // A summary has no steps: those that are known stay.
    plan = "steps" in news.plan ? news.plan : plan && { ...plan, ...news.plan };
  }
  if (plan && news.changed?.length) {
    const changed = new Map(news.changed.map((step) => [step.id, step]));
    plan = { ...plan, steps: plan.steps.map((step) => changed.get(step.id) ?? step) };
  }
  return { available: news.available, running: news.running ?? false, plan };
}

export interface Decision {
  verdict: string;
  tier: number | null;
  reason: string;
  findings: Finding[];
  title: string;
  viewer: string | null;
  decided_at: string;
  media?: string;
  ids?: string[];
}

export interface Viewing {
  viewer: string;
  title: string;
  media: string;
  ids: string[];
  jellyfin_item_id: string;
  ended_at: string;
  percent: number | null;
  completed: boolean;
  device: string;
}

/** Seconds watched in each hour of the week, Monday first. */
export interface ViewingWeek {
  since: string;
  viewers: string[];
  week: number[][];
}

/** A title, and how often something of it was watched to its end. */
export interface Watched {
  title: string;
  media: string;
  ids: string[];
  count: number;
}

export interface Top {
  since: string;
  movies: Watched[];
  series: Watched[];
}

export interface Transfer {
  id: string;
  title: string;
  connected: boolean;
  state: string;
  done_bytes: number;
  total_bytes: number | null;
  percent: number | null;
  rate: number | null;
  remaining: number | null;
  files: { name: string; done_bytes: number; total_bytes: number | null }[];
  last_sync: string | null;
}

export interface Transfers {
  available: boolean;
  transfers: Transfer[];
}

/** When clients are full, and what the next purge takes of them. */
export interface Outlook {
  clients: { id: string; rate: number | null; full_at: string | null }[];
  purge: {
    at: string | null;
    candidates: { title: string; client: string; bytes: number; reasons: string[] }[] | null;
    count: number | null;
    bytes: number | null;
  };
}

export interface Story {
  title: string;
  media: string;
  ids: string[];
  override: string;
  image?: string | null;
  keeps: { season: number | null; until: string | null; by: string | null; why: string }[];
  status: string | null;
  detail: string | null;
  events: StoryEvent[];
  older: boolean;
}

export interface StoryEvent {
  at: string;
  [kind: string]: unknown;
}

type Entry = string | undefined;
const about = (type: string, entry: Entry, more: object = {}) => ({
  type: `showrunner/${type}`,
  ...(entry ? { config_entry_id: entry } : {}),
  ...more,
});

/** So many requests are asked for at once. */
export const PAGE = 40;

export const requestsOf = (
  connection: Connection,
  entry: Entry,
  show: string,
  search: string,
  page: number,
): Feed<RequestPage> =>
  subscribed(
    connection,
    about("requests/page", entry, { show, search, offset: page * PAGE, limit: PAGE }),
    foldPage,
    () => ({}),
    true,
  );

export const sessionsOf = (connection: Connection, entry: Entry): Feed<Sessions> =>
  subscribed(connection, about("sessions/subscribe", entry), foldSessions);

export const transfersOf = (connection: Connection, entry: Entry): Feed<Transfers> =>
  subscribed<Transfers, Transfers>(connection, about("transfer/subscribe", entry), (_, event) => event);

export const planOf = (connection: Connection, entry: Entry, plan_id: string): Feed<FollowedPlan> =>
  subscribed(connection, about("plans/subscribe", entry, { plan_id }), foldPlan);

export const leavingOf = (connection: Connection, entry: Entry): Feed<LeavingList> =>
  polled(connection, about("leaving/list", entry, { limit: 200 }), 60);

export const plansOf = (connection: Connection, entry: Entry): Feed<{ plans: PlanSummary[] }> =>
  polled(connection, about("plans/list", entry, { limit: 40 }), 20);

export const syncPlansOf = (connection: Connection, entry: Entry): Feed<{ plans: PlanSummary[] }> =>
  polled(connection, about("plans/list", entry, { limit: 10, job: "sync" }), 20);

export const outlookOf = (connection: Connection, entry: Entry): Feed<Outlook> =>
  polled(connection, about("seedbox/outlook", entry, { limit: 20 }), 60);

export const decisionsOf = (connection: Connection, entry: Entry): Feed<{ decisions: Decision[] }> =>
  polled(connection, about("decisions/list", entry, { limit: 10 }), 30);

/** The last viewings, as the action gives them: the server says who may ask for whose. */
export const viewingsOf = (connection: Connection, entry: Entry): Feed<{ viewings: Viewing[] }> =>
  polled<{ response: { viewings: Viewing[] } }, { viewings: Viewing[] }>(
    connection,
    {
      type: "call_service",
      domain: "showrunner",
      service: "get_history",
      return_response: true,
      service_data: { ...(entry ? { config_entry_id: entry } : {}), limit: 10 },
    },
    30,
    (answer) => answer.response,
  );

/** When in a week people watched, in the last days: all whom the server tracks, or one. */
export const weekOf = (
  connection: Connection,
  entry: Entry,
  days: number,
  viewer: string | undefined,
): Feed<ViewingWeek> =>
  polled(connection, about("history/week", entry, { days, ...(viewer ? { viewer } : {}) }), 600);

/** What was watched most in the last days. */
export const topOf = (connection: Connection, entry: Entry, days: number, limit: number): Feed<Top> =>
  polled(connection, about("history/top", entry, { days, limit }), 600);

export const storyOf = (connection: Connection, entry: Entry, title: string): Feed<Story> =>
  polled(connection, about("title/get", entry, { title, limit: 200 }), 60);

/** Name a title as actions take it: with its kind, for a number may be a movie's and a series'. */
export function nameOf(one: { media?: string; ids?: string[] }): string | undefined {
  const id = one.ids?.[0];
  if (!id) return undefined;
  return `${one.media === "movie" ? "movie" : "series"}:${id}`;
}

export type Rates = Record<string, { at: number; value: number }[]>;

interface RatesEvent {
  states: Record<string, { s: string; lc?: number; lu?: number }[]>;
}

const HOUR = 3_600_000;

/** What came is put behind what was; what is older than an hour is forgotten. */
export function foldRates(before: Rates | undefined, event: RatesEvent, now = Date.now()): Rates {
  const rates: Rates = { ...before };
  for (const [id, states] of Object.entries(event.states)) {
    const came = states
      .map((one) => ({ at: (one.lu ?? one.lc ?? now / 1000) * 1000, value: Number.parseFloat(one.s) }))
      .filter((one) => Number.isFinite(one.value));
    const last = rates[id]?.at(-1)?.at ?? 0;
    rates[id] = [...(rates[id] ?? []), ...came.filter((one) => one.at > last)].filter(
      (one) => one.at > now - HOUR,
    );
  }
  return rates;
}

/** The last hour of some sensors, and what they say from now on. */
export const ratesOf = (connection: Connection, entity_ids: string[]): Feed<Rates> =>
  subscribed(
    connection,
    {
      type: "history/stream",
      entity_ids,
      minimal_response: true,
      no_attributes: true,
    },
    (before: Rates | undefined, event: RatesEvent) => foldRates(before, event),
    () => ({ start_time: new Date(Date.now() - HOUR).toISOString() }),
  );
