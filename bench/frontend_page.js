// The cards in an empty page, with a server that tells more than any real one: run by bench_frontend.
import "/showrunner.js";

class Box extends HTMLElement {}
customElements.define("ha-card", Box);

const small = new URLSearchParams(location.search).has("small");
const subscriptions = [];
const connection = {
  connected: true,
  addEventListener() {},
  removeEventListener() {},
  async subscribeMessage(tell, message) {
    const subscription = { tell, message };
    subscriptions.push(subscription);
    if (message.type === "showrunner/requests/page") page(subscription);
    return async () => void subscriptions.splice(subscriptions.indexOf(subscription), 1);
  },
  sendMessagePromise: () => new Promise(() => undefined),
};
const hass = {
  connection,
  states: {},
  entities: {},
  devices: {},
  language: "en",
  locale: { language: "en", time_zone: "server" },
  config: { time_zone: "UTC" },
  user: { is_admin: true },
  formatEntityState: (entity) => entity.state,
};
const tell = (type, event) => {
  for (const one of subscriptions) if (one.message.type === `showrunner/${type}`) one.tell(event);
};

/** All requests, as the server holds them; it tells of them page by page. */
let list = [];
let available = false;
const page = ({ tell, message: { offset, limit } }) => {
  if (!available) return;
  const changed = list.slice(offset, offset + limit);
  const ids = changed.map((one) => one.request_id);
  tell({ available, total: list.length, stuck: list.length / 50, known: list.length, ids, changed });
};
const pages = () => subscriptions.filter((one) => one.message.type === "showrunner/requests/page");
/** Tell what has become of one, to those who look at it. */
const change = (index, request) => {
  list[index] = request;
  for (const { tell, message } of pages()) {
    const rows = list.slice(message.offset, message.offset + message.limit);
    if (!rows.includes(request)) continue;
    const ids = rows.map((one) => one.request_id);
    tell({ available, total: list.length, stuck: list.length / 50, known: list.length, ids, changed: [request] });
  }
};
const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const card = async (name, config = {}) => {
  const element = document.createElement(`showrunner-${name}-card`);
  element.setConfig({ type: `custom:showrunner-${name}-card`, ...config });
  element.hass = hass;
  document.body.append(element);
  await element.updateComplete;
  await drawn();
  return element;
};

const request = (index) => ({
  request_id: String(index),
  title: `A film of some length ${index}`,
  year: 1950 + (index % 70),
  media: "movie",
  ids: [`tmdb:${index}`],
  other_titles: [],
  anime: index % 10 === 0,
  is_4k: false,
  state: ["requested", "downloading", "available"][index % 3],
  progress: index % 100,
  eta: 60,
  episodes: {},
  stage: null,
  stuck: index % 50 ? null : { reason: "no_seeds", since: "2026-11-01T10:00:00+00:00", message: "" },
  requested_by: "Kitchen",
  requested_at: new Date(1.7e12 + index * 6e4).toISOString(),
  available_at: null,
  closed: null,
  poster: null,
});
const streams = (round) => ({
  available: true,
  at: "",
  others: 0,
  streams: Array.from({ length: 10 }, (_, index) => ({
    id: `s${index}`,
    viewer: "Sofa",
    watching: ["Sofa"],
    item_id: `i${index}`,
    title: `Film ${index}`,
    media: "movie",
    device: "Tablet",
    client: "Jellyfin",
    method: "direct_play",
    reasons: {},
    bitrate: 8e6,
    paused: false,
    runtime: 7200,
    position: (round * 7 + index) % 7200,
  })),
});
const transfers = (round) => ({
  available: true,
  transfers: Array.from({ length: 50 }, (_, index) => ({
    id: `t${index}`,
    title: `Box ${index}`,
    connected: true,
    state: "fetching",
    done_bytes: (round * 1e7 + index) % 1e10,
    total_bytes: 1e10,
    percent: 50,
    rate: 1e7,
    remaining: 100,
    files: [{ name: `file ${index} ${round % 7}`, done_bytes: (round * 1e6) % 1e9, total_bytes: 1e9 }],
    last_sync: null,
  })),
});

/** The longest time between two frames, and how many were late, while something goes on. */
async function frames(seconds, each, every) {
  let last = performance.now();
  let longest = 0;
  let late = 0;
  const end = last + seconds * 1000;
  let next = last;
  let round = 0;
  while (last < end) {
    if (each && last >= next) {
      each(round++);
      next += 1000;
    }
    every?.();
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    if (now - last > 50) late += 1;
    last = now;
  }
  return { longest, late };
}

/** The longest frame while somebody drags the list from its beginning to its end. */
async function scrolled(card) {
  const box = card.shadowRoot.querySelector(".scroll");
  const way = box.scrollHeight - box.clientHeight;
  let at = 0;
  const { longest } = await frames(3, undefined, () => {
    box.scrollTop = (way * at++) / 180;
  });
  box.scrollTop = 0;
  await drawn();
  return longest;
}

async function measure() {
  const result = {};
  const requests = await card("requests");
  list = Array.from({ length: small ? 1000 : 10_000 }, (_, index) => request(index));
  available = true;
  const begun = performance.now();
  for (const one of pages()) page(one);
  await drawn();
  result.first_draw_ms = performance.now() - begun;
  const changed = performance.now();
  change(5, { ...list[5], state: "available" });
  await drawn();
  result.change_ms = performance.now() - changed;
  result.scroll_frame_ms = await scrolled(requests);

  await card("now", { history: false });
  await card("seedbox");
  const move = (round) => {
    tell("sessions/subscribe", streams(round));
    tell("transfer/subscribe", transfers(round));
  };
  move(0);
  await drawn();
  const seconds = small ? 3 : 60;
  const idle = await frames(Math.min(seconds, 10), undefined);
  const moving = await frames(seconds, move);
  result.longest_frame_ms = moving.longest;
  result.idle_frame_ms = idle.longest;
  result.late_frames = moving.late;

  // Ten seconds of events are drawn as one.
  const rounds = small ? 60 : 3600;
  const heap = () => {
    gc();
    return performance.memory.usedJSHeapSize / 1e6;
  };
  let before = 0;
  for (let round = 0; round < rounds; round += 1) {
    if (round === Math.floor(rounds / 10)) before = heap();
    move(round);
    change(round % list.length, request(round % list.length));
    if (round % 10 === 0) await drawn();
  }
  result.memory_growth_mb = Math.max(0, heap() - before);
  return result;
}

measure()
  .catch((error) => ({ error: String(error?.stack ?? error) }))
  .then((result) => fetch("/result", { method: "POST", body: JSON.stringify(result) }));
