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
