/** The whole dashboard, from what is linked. */
import { devicesWith, entitiesOf, entityOf } from "./entities";
import type { Entity, HomeAssistant } from "./ha";
import { pageLanguage, say } from "./texts";

type Config = { config_entry_id?: string; days?: number };
type Section = { type: "grid"; cards: object[]; column_span?: number };

const FULL = { grid_options: { columns: "full" } };
/** How much each day brought. */
const A_DAY = { stat_types: ["change"], chart_type: "bar", period: "day" };
/** So many days are in the graphs, where nobody says how many. */
const DAYS = 30;

export function dashboard(config: Config, hass: HomeAssistant): object {
  const entry = config.config_entry_id;
  const t = (key: Parameters<typeof say>[1]) => say(hass.language, key);
  const ours = entitiesOf(hass, entry);
  const one = (domain: string, key: string) => entityOf(hass, entry, domain, key);
  const card = (name: string, more: object = {}) => ({
    type: `custom:showrunner-${name}-card`,
    ...(entry ? { config_entry_id: entry } : {}),
    ...FULL,
    ...more,
  });
  const tiles = (found: (string | undefined)[], more: object = {}) =>
    found
      .filter((id) => id !== undefined)
      .map((entity) => ({ type: "tile", entity, name: { type: "entity" }, ...more }));
  const part = (heading: string, icon: string, cards: object[]): Section[] =>
    cards.length ? [{ type: "grid", cards: [{ type: "heading", heading, icon }, ...cards] }] : [];
  const badges = (...keys: string[]) =>
    keys.flatMap((key) => {
      const entity = one("sensor", key) ?? one("binary_sensor", key);
      return entity ? [{ type: "entity", entity, name: { type: "entity" }, show_name: true }] : [];
    });
  const view = (path: string, title: string, icon: string, sections: Section[], more: object = {}) =>
    sections.length ? [{ type: "sections", path, title, icon, max_columns: 3, sections, ...more }] : [];
  const of = (domain: string) => ours.filter((entity) => entity.entity_id.startsWith(`${domain}.`));
  const ids = (found: Entity[]) => found.map((entity) => entity.entity_id);
  const clients = devicesWith(hass, entry, "used_percent");
  const transfers = devicesWith(hass, entry, "transfer_state");
  const graph = (title: string, key: string, chart: object): object[] => {
    const found = of("sensor").filter((entity) => entity.translation_key === key);
    const entities = found.map((entity) => {
      const device = hass.devices[entity.device_id ?? ""];
      return { entity: entity.entity_id, name: device?.name_by_user || device?.name || undefined };
    });
    const graph = {
      type: "statistics-graph",
      title,
      entities,
      days_to_show: config.days ?? DAYS,
      ...chart,
      ...FULL,
    };
    return entities.length ? [graph] : [];
  };
  const switches = of("switch").filter((entity) => entity.translation_key !== "tracking");
  const requests = one("sensor", "requests") ? [card("requests")] : [];
  const seedbox =
    clients.length || transfers.length ? [card("seedbox", { transfers: transfers.length > 0 })] : [];

  const watched = graph(t("watch_time"), "watch_time", A_DAY);

  return {
    title: "Showrunner",
    views: [
      ...view(
        "now",
        t("view_now"),
        "mdi:play-circle",
        [
          { type: "grid", cards: [card("now")] },
          ...(requests.length ? [{ type: "grid" as const, cards: requests }] : []),
          { type: "grid", cards: [card("leaving", { plans: false })] },
        ],
        { badges: badges("streams", "viewings_today", "decisions_today", "requests_stuck", "leaving_count") },
      ),
      ...view(
        "requests",
        t("view_requests"),
        "mdi:movie-plus",
        requests.length
          ? [
              { type: "grid", column_span: 2, cards: requests },
              ...part(
                t("counts"),
                "mdi:counter",
                tiles(
                  of("sensor").flatMap((e) =>
                    e.translation_key?.startsWith("requests") ? [e.entity_id] : [],
                  ),
                  FULL,
                ),
              ),
            ]
          : [],
      ),
      ...view("leaving", t("view_leaving"), "mdi:calendar-remove", [
        { type: "grid", column_span: 2, cards: [card("leaving")] },
        ...part(
          t("counts"),
          "mdi:counter",
          tiles(
            ["leaving_count", "leaving_size", "next_deletion", "freed_total", "regrets"].map((key) =>
              one("sensor", key),
            ),
            FULL,
          ),
        ),
      ]),
      ...view("seedbox", t("view_seedbox"), "mdi:server-network", [
        ...(seedbox.length ? [{ type: "grid" as const, column_span: 2, cards: seedbox }] : []),
      ]),
      ...view("history", t("view_history"), "mdi:chart-line", [
        ...part(t("watching"), "mdi:eye", watched.length ? [card("hours"), card("top"), ...watched] : []).map(
          (section) => ({ ...section, column_span: 2 }),
        ),
        ...part(t("storage"), "mdi:harddisk", [
          ...graph(t("room"), "used", { stat_types: ["mean"], chart_type: "line", period: "day" }),
          ...graph(t("free_space"), "free_space", {
            stat_types: ["mean"],
            chart_type: "line",
            period: "day",
          }),
        ]),
        ...part(t("gains"), "mdi:leaf", [
          ...tiles(
            ["saved_total", "freed_total"].map((key) => one("sensor", key)),
            FULL,
          ),
          // How much each day brought: of a line that only rises nobody sees when.
          ...graph(t("saved"), "saved_total", A_DAY),
          ...graph(t("freed"), "freed_total", A_DAY),
        ]),
      ]),
      ...view("services", t("view_services"), "mdi:lan-connect", [
        // Whether something answers has no name of its own: it is its device's.
        ...part(
          t("services"),
          "mdi:lan-connect",
          tiles(ids(of("binary_sensor").filter((entity) => !entity.translation_key)), {
            name: { type: "device" },
          }),
        ),
        ...part(t("switches"), "mdi:toggle-switch", tiles(ids(switches), FULL)),
        ...part(t("run"), "mdi:play", tiles(ids(of("button")), { ...FULL, hide_state: true })),
      ]),
    ],
  };
}

/** What is registered is an element, for Home Assistant looks strategies up among those. */
export class ShowrunnerStrategy extends HTMLElement {
  static readonly noEditor = true;
  static readonly registryDependencies = ["entities", "devices"];

  static async generate(config: Config, hass: HomeAssistant): Promise<object> {
    return dashboard(config, hass);
  }

  static getCreateSuggestions(): object {
    return { title: "Showrunner", icon: "mdi:movie-roll" };
  }

  static get description(): string {
    return say(pageLanguage(), "strategy");
  }
}
