import { expect, test, vi } from "vitest";
import "../src/main";
import { devicesWith, entitiesOf } from "../src/entities";
import { dashboard } from "../src/strategy";
import { hassOf, Server } from "./server";

interface View {
  path: string;
  sections: { cards: { type: string; entity?: string; heading?: string }[] }[];
}

function hassWith(...keys: [domain: string, key: string, device: string, entry?: string][]) {
  const entities = Object.fromEntries(
    keys.map(([domain, key, device]) => {
      const entity_id = `${domain}.${device}_${key || "connected"}`;
      return [
        entity_id,
        { entity_id, platform: "showrunner", translation_key: key || undefined, device_id: device },
      ];
    }),
  );
  const devices = Object.fromEntries(
    keys.map(([, , device, entry]) => [
      device,
      { id: device, name: device, config_entries: [entry ?? "one"] },
    ]),
  );
  return hassOf(new Server(), { entities, devices });
}

const views = (hass: ReturnType<typeof hassWith>, config = {}) =>
  (dashboard(config, hass) as { views: View[] }).views;
const types = (view: View | undefined) =>
  (view?.sections ?? []).flatMap((one) => one.cards.map((card) => card.type));

test("no seedbox, no view of it; no Seerr, none of requests", () => {
  const bare = views(hassWith(["sensor", "streams", "server"]));
  expect(bare.map((one) => one.path)).toEqual(["now", "leaving"]);
  const whole = views(
    hassWith(
      ["sensor", "streams", "server"],
      ["sensor", "requests", "server"],
      ["sensor", "used_percent", "box"],
      ["sensor", "watch_time", "sofa"],
      ["binary_sensor", "", "server"],
      ["switch", "dry_run", "server"],
    ),
  );
  expect(whole.map((one) => one.path)).toEqual([
    "now",
    "requests",
    "leaving",
    "seedbox",
    "history",
    "services",
  ]);
  expect(types(whole[0])).toContain("custom:showrunner-requests-card");
  expect(types(whole[4]).slice(0, 4)).toEqual([
    "heading",
    "custom:showrunner-hours-card",
    "custom:showrunner-top-card",
    "statistics-graph",
  ]);
  expect(types(whole[3])).toEqual(["custom:showrunner-seedbox-card"]);
});

test("what was saved and freed is said in all, and how much each day brought", () => {
  const [view] = views(hassWith(["sensor", "freed_total", "server"])).slice(-1);
  const cards = view?.sections[0]?.cards as { type: string; stat_types?: string[]; entity?: string }[];
  expect(cards.map((one) => one.type)).toEqual(["heading", "tile", "statistics-graph"]);
  expect(cards[1]?.entity).toBe("sensor.server_freed_total");
  expect(cards[2]).toMatchObject({
    stat_types: ["change"],
    chart_type: "bar",
    period: "day",
    days_to_show: 30,
  });
});

test("a heading has cards under it", () => {
  for (const view of views(hassWith(["sensor", "watch_time", "sofa"]))) {
    for (const section of view.sections)
      expect(types({ path: "", sections: [section] }).at(-1)).not.toBe("heading");
  }
});

test("of several servers one is shown where that is wished", () => {
  const hass = hassWith(["sensor", "requests", "a", "one"], ["sensor", "used_percent", "box", "two"]);
  expect(views(hass, { config_entry_id: "two" }).map((one) => one.path)).not.toContain("requests");
  expect(JSON.stringify(views(hass, { config_entry_id: "one" }))).toContain('"config_entry_id":"one"');
});

test("what is ours in a registry is looked for once, and anew in another one", () => {
  const hass = hassWith(["sensor", "used_percent", "box"]);
  const reading = vi.fn(() => "showrunner");
  for (const one of Object.values(hass.entities)) Object.defineProperty(one, "platform", { get: reading });
  const states = (more: object) => ({ ...hass, ...more }) as typeof hass;
  expect(devicesWith(hass, undefined, "used_percent").map((one) => one.name)).toEqual(["box"]);
  const once = reading.mock.calls.length;
  expect(devicesWith(states({ states: {} }), undefined, "used_percent")).toHaveLength(1);
  expect(devicesWith(hass, undefined, "progress")).toEqual([]);
  expect(entitiesOf(hass, "elsewhere")).toEqual([]);
  expect(reading.mock.calls.length).toBe(once * 2);
  const named = { box: { id: "box", name: "Another", config_entries: ["one"] } };
  const devices = states({ devices: named });
  expect(devicesWith(devices, undefined, "used_percent").map((one) => one.name)).toEqual(["Another"]);
  expect(devicesWith(states({ entities: {} }), undefined, "used_percent")).toEqual([]);
});

test("the pickers know all cards and the dashboard, and propose cards for our entities only", () => {
  const cards = window.customCards as {
    type: string;
    getEntitySuggestion(hass: object, id: string): { config: object } | null;
  }[];
  expect(cards.map((one) => one.type)).toEqual(
    ["now", "requests", "leaving", "hours", "top", "seedbox"].map((name) => `showrunner-${name}-card`),
  );
  expect(window.customStrategies).toHaveLength(1);
  expect(customElements.get("ll-strategy-dashboard-showrunner")).toBeTruthy();
  const hass = hassWith(["sensor", "requests", "server"]);
  (hass.entities as Record<string, object>)["sensor.other"] = {
    entity_id: "sensor.other",
    platform: "other",
    translation_key: "requests",
  };
  const proposed = (id: string) =>
    cards.filter((one) => one.getEntitySuggestion(hass, id)).map((one) => one.type);
  expect(proposed("sensor.server_requests")).toEqual(["showrunner-requests-card"]);
  expect(proposed("sensor.other")).toEqual([]);
  for (const one of cards) {
    const element = customElements.get(one.type) as unknown as {
      getConfigForm(): { schema: { name: string; selector: object }[]; computeLabel(field: object): string };
      getStubConfig(): object;
    };
    const form = element.getConfigForm();
    for (const field of form.schema) expect(form.computeLabel(field)).not.toContain("_");
    // What an editor's switch shows is what the card does.
    for (const field of form.schema.filter((one) => "boolean" in one.selector)) {
      expect(element.getStubConfig()).toMatchObject({ [field.name]: true });
    }
  }
});
