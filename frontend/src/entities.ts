/** Which of Home Assistant's entities are ours: by their translation keys, which never change. */
import type { Device, Entity, HomeAssistant } from "./ha";

type Hass = Pick<HomeAssistant, "entities" | "devices">;

/**
 * What was found in a registry, for as long as that is the same: a house has thousands of entities,
 * and something of them changes several times a second.
 */
const FOUND = new WeakMap<Hass["entities"], { devices: Hass["devices"]; found: Map<string, unknown> }>();

function kept<T>(hass: Hass, key: string, find: () => T): T {
  let known = FOUND.get(hass.entities);
  if (known?.devices !== hass.devices) {
    known = { devices: hass.devices, found: new Map() };
    FOUND.set(hass.entities, known);
  }
  if (!known.found.has(key)) known.found.set(key, find());
  return known.found.get(key) as T;
}

/** Our entities, of one server (undefined: of all). */
export const entitiesOf = (hass: Hass, entry: string | undefined): Entity[] =>
  kept(hass, `of ${entry ?? ""}`, () => findEntities(hass, entry));

function findEntities(hass: Hass, entry: string | undefined): Entity[] {
  return Object.values(hass.entities).filter((one) => {
    if (one.platform !== "showrunner" || one.hidden) return false;
    const device = one.device_id ? hass.devices[one.device_id] : undefined;
    return !entry || !device?.config_entries || device.config_entries.includes(entry);
  });
}

export function entityOf(
  hass: Hass,
  entry: string | undefined,
  domain: string,
  key: string,
): string | undefined {
  return entitiesOf(hass, entry).find(
    (one) => one.translation_key === key && one.entity_id.startsWith(`${domain}.`),
  )?.entity_id;
}

export interface DeviceWith {
  id: string;
  name: string;
  entities: Map<string, string>;
}

/** Every device that has an entity with this key, with all its entities by their keys. */
export const devicesWith = (hass: Hass, entry: string | undefined, key: string): DeviceWith[] =>
  kept(hass, `with ${key} ${entry ?? ""}`, () => findDevices(hass, entry, key));

function findDevices(hass: Hass, entry: string | undefined, key: string): DeviceWith[] {
  const ours = entitiesOf(hass, entry);
  const ids = new Set(ours.filter((one) => one.translation_key === key).map((one) => one.device_id ?? ""));
  return [...ids].filter(Boolean).map((id) => {
    const device = hass.devices[id];
    const own = ours.filter((one) => one.device_id === id && one.translation_key);
    return {
      id,
      name: device?.name_by_user || device?.name || "",
      entities: new Map(own.map((one) => [one.translation_key as string, one.entity_id])),
    };
  });
}

/** The device of a linked service, by the service's id; undefined for what has none. */
export function deviceOf(hass: Pick<HomeAssistant, "devices">, id: string): Device | undefined {
  return Object.values(hass.devices).find((one) =>
    one.identifiers?.some(([domain, name]) => domain === "showrunner" && name.endsWith(`_${id}`)),
  );
}

/** What a linked service is called, by its id. */
export function serviceName(hass: Pick<HomeAssistant, "devices">, id: string): string | undefined {
  const device = deviceOf(hass, id);
  return device?.name_by_user || device?.name || undefined;
}
