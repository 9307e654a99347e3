/** Where Home Assistant serves a title's picture: an address that it signs for whoever is logged in. */
import type { Connection } from "home-assistant-js-websocket";
import type { HomeAssistant } from "../ha";

/** How long an address is good for, and for how long it is given again (seconds). */
const EXPIRES = 86_400;
const FRESH = EXPIRES / 2;
/** What a name may hold; what holds anything else is none of ours. */
const NAMES = /^[\w:,-]{1,600}$/;

export type PictureKind = "poster" | "backdrop";
type Signed = { address: Promise<string>; until: number };
const SIGNED = new WeakMap<Connection, Map<string, Signed>>();

/** All names of a title, as the server knows it by any of them. */
export function namesOf(media: string, ids: readonly string[]): string {
  const kind = media === "movie" ? "movie" : "series";
  return ids
    .slice(0, 10)
    .map((id) => `${kind}:${id}`)
    .join(",");
}

export function namesOfItem(itemId: string): string {
  return itemId ? `item:${itemId}` : "";
}

/** Ask for the address of a picture; undefined where there can be none. It changes twice a day. */
export function pictureOf(
  hass: HomeAssistant,
  entry: string | undefined,
  names: string,
  kind: PictureKind = "poster",
): Promise<string> | undefined {
  if (!NAMES.test(names)) return undefined;
  const path = `/api/showrunner/picture/${entry || "default"}/${kind}/${names}`;
  const all = SIGNED.get(hass.connection) ?? new Map<string, Signed>();
  SIGNED.set(hass.connection, all);
  const known = all.get(path);
  if (known && known.until > Date.now()) return known.address;
  const address = hass.connection
    .sendMessagePromise<{ path: string }>({ type: "auth/sign_path", path, expires: EXPIRES })
    .then((answer) => answer.path);
  all.set(path, { address, until: Date.now() + FRESH * 1000 });
  address.catch(() => all.delete(path));
  return address;
}
