/** Which of Home Assistant's entities are ours: by their translation keys, which never change. */
import type { Device, Entity, HomeAssistant } from "./ha";

type Hass = Pick<HomeAssistant, "entities" | "devices">;

/** Our entities, of one server (undefined: of all). */
export function entitiesOf(hass: Hass, entry: string | undefined): Entity[] {
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

/** Every device that has an entity with this key, with all its entities by their keys. */
export function devicesWith(
  hass: Hass,
  entry: string | undefined,
  key: string,
): { id: string; name: string; entities: Map<string, string> }[] {
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
