/** Pictures: asked for once, by addresses that are signed, and drawn where there are none. */
import { expect, test, vi } from "vitest";
import type { HomeAssistant } from "../src/ha";
import { namesOf, namesOfItem, pictureOf } from "../src/store/pictures";
import "../src/ui/poster";
import type { Poster } from "../src/ui/poster";
import { hassOf, Refusal, Server } from "./server";

const signing = () =>
  vi.fn((message: { type: string; [key: string]: unknown }): unknown => ({
    path: `${message.path}?authSig=x`,
  }));

function home(sign: Server["answers"][string] = signing()): HomeAssistant {
  const server = new Server();
  server.answers["auth/sign_path"] = sign;
  return hassOf(server);
}

async function poster(hass: HomeAssistant, names: string, kind = "poster"): Promise<Poster> {
  const made = document.createElement("showrunner-poster") as Poster;
  Object.assign(made, { hass, names, kind, name: "Heat" });
  document.body.append(made);
  await vi.waitFor(() => made.updateComplete);
  await new Promise((done) => setTimeout(done));
  await made.updateComplete;
  return made;
}

const imageOf = (one: Poster) => one.shadowRoot?.querySelector("img");

test("a title is asked for by all its names", () => {
  expect(namesOf("movie", ["tmdb:949", "imdb:tt0113277"])).toBe("movie:tmdb:949,movie:imdb:tt0113277");
  expect(namesOf("series", [])).toBe("");
  expect(namesOfItem("ab")).toBe("item:ab");
  expect(namesOfItem("")).toBe("");
});

test("an address is signed once for all who show it, and anew when it grows old", async () => {
  const sign = signing();
  const hass = home(sign);
  vi.useFakeTimers();
  const [one, two] = [pictureOf(hass, undefined, "movie:tmdb:1"), pictureOf(hass, undefined, "movie:tmdb:1")];
  expect(await one).toBe("/api/showrunner/picture/default/poster/movie:tmdb:1?authSig=x");
  expect(await two).toBe(await one);
  expect(sign).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(13 * 3_600_000);
  await pictureOf(hass, undefined, "movie:tmdb:1");
  expect(sign).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test.each(["", "movie:tmdb:1/../../config", "item:a?b", "a b", "x".repeat(601)])(
  "no address is made of %j",
  (names) => expect(pictureOf(home(), undefined, names)).toBeUndefined(),
);

test("a refusal is tried again the next time", async () => {
  const sign = vi.fn().mockReturnValueOnce(new Refusal("no")).mockReturnValue({ path: "/p" });
  const hass = home(sign);
  await expect(pictureOf(hass, "e", "item:1")).rejects.toThrow("no");
  expect(await pictureOf(hass, "e", "item:1")).toBe("/p");
});

test("a poster shows the picture, and its letters where there is none", async () => {
  const shown = await poster(home(), "movie:tmdb:1");
  expect(imageOf(shown)?.getAttribute("src")).toContain("authSig=x");
  imageOf(shown)?.dispatchEvent(new Event("error"));
  await shown.updateComplete;
  expect(imageOf(shown)).toBeNull();
  expect(shown.shadowRoot?.textContent).toContain("H");
  const refused = await poster(
    home(() => new Refusal("no")),
    "movie:tmdb:2",
  );
  expect(imageOf(refused)).toBeNull();
});

test("a poster that becomes another title's never shows the first one's picture", async () => {
  let answer: (value: { path: string }) => void = () => undefined;
  const sign = vi
    .fn()
    .mockReturnValueOnce(new Promise((done) => (answer = done)))
    .mockReturnValue({ path: "/two" });
  const shown = await poster(home(sign), "movie:tmdb:1");
  shown.names = "movie:tmdb:2";
  await shown.updateComplete;
  answer({ path: "/one" });
  await new Promise((done) => setTimeout(done));
  await shown.updateComplete;
  expect(imageOf(shown)?.getAttribute("src")).toBe("/two");
});

test("where the next title has no picture the first one's is gone", async () => {
  const sign = vi.fn().mockReturnValueOnce({ path: "/one" }).mockReturnValue(new Refusal("no"));
  const shown = await poster(home(sign), "movie:tmdb:1");
  expect(imageOf(shown)?.getAttribute("src")).toBe("/one");
  shown.names = "movie:tmdb:2";
  await shown.updateComplete;
  expect(imageOf(shown)).toBeNull();
  await new Promise((done) => setTimeout(done));
  await shown.updateComplete;
  expect(imageOf(shown)).toBeNull();
});

test("a poster is drawn anew for another connection, and not for whatever changes in the house", async () => {
  const hass = home();
  const shown = await poster(hass, "movie:tmdb:1");
  const drawing = vi.spyOn(shown as unknown as { render(): unknown }, "render");
  shown.hass = { ...hass, states: {} };
  await shown.updateComplete;
  expect(drawing).not.toHaveBeenCalled();
  shown.hass = home();
  await shown.updateComplete;
  expect(drawing).toHaveBeenCalled();
});

test("a backdrop is seen once it is there, and where there is none nothing is drawn", async () => {
  const shown = await poster(home(), "movie:tmdb:1", "backdrop");
  expect(imageOf(shown)?.getAttribute("src")).toContain("/backdrop/movie:tmdb:1");
  expect(shown.hasAttribute("shown")).toBe(false);
  imageOf(shown)?.dispatchEvent(new Event("load"));
  expect(shown.hasAttribute("shown")).toBe(true);
  imageOf(shown)?.dispatchEvent(new Event("error"));
  await shown.updateComplete;
  expect(shown.hasAttribute("shown")).toBe(false);
  expect(imageOf(shown)).toBeNull();
  const refused = await poster(
    home(() => new Refusal("no")),
    "movie:tmdb:2",
    "backdrop",
  );
  expect(refused.shadowRoot?.textContent?.trim()).toBe("");
});
