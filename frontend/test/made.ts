/** Made-up things as the server tells them. */
import type { MediaRequest } from "../src/store/model";

export function request(id: string, more: Partial<MediaRequest> = {}): MediaRequest {
  return {
    request_id: id,
    title: `Film ${id}`,
    year: 2025,
    media: "movie",
    ids: [`tmdb:${id}`],
    other_titles: [],
    anime: false,
    is_4k: false,
    state: "downloading",
    progress: 40,
    eta: 120,
    episodes: {},
    stage: null,
    stuck: null,
    requested_by: "Kitchen",
    requested_at: `2026-11-0${(Number(id) % 9) + 1}T10:00:00+00:00`,
    available_at: null,
    closed: null,
    ...more,
  };
}

/** A page as it is told first: of all these, what its question asks for. */
export function page(all: MediaRequest[], message: { [key: string]: unknown } = {}) {
  const { offset = 0, limit = 40 } = message as { offset?: number; limit?: number };
  const changed = all.slice(offset, offset + limit);
  const stuck = all.filter((one) => one.stuck).length;
  return {
    available: true,
    total: all.length,
    stuck,
    known: all.length,
    ids: changed.map((one) => one.request_id),
    changed,
  };
}
