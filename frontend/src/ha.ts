/** What the cards use of Home Assistant's front end. */
import type { Connection, HassEntities, HassEntity } from "home-assistant-js-websocket";

export interface Entity {
  entity_id: string;
  device_id?: string;
  platform?: string;
  translation_key?: string;
  hidden?: boolean;
}

export interface Device {
  id: string;
  name?: string | null;
  name_by_user?: string | null;
  config_entries?: string[];
  identifiers?: [string, string][];
}

export interface HomeAssistant {
  connection: Connection;
  connected?: boolean;
  states: HassEntities;
  entities: Record<string, Entity>;
  devices: Record<string, Device>;
  language: string;
  locale: {
    language: string;
    number_format?: string;
    time_format?: string;
    time_zone?: string;
    first_weekday?: string;
  };
  config: { time_zone: string };
  user?: { is_admin: boolean };
  formatEntityState(entity: HassEntity, state?: string): string;
  callService(domain: string, service: string, data?: object, target?: object): Promise<unknown>;
  callWS<T>(message: { type: string; [key: string]: unknown }): Promise<T>;
}

export interface CardConfig {
  type: string;
  title?: string;
  config_entry_id?: string;
  [key: string]: unknown;
}

export interface FormField {
  name: string;
  required?: boolean;
  selector: Record<string, unknown>;
}

declare global {
  interface Window {
    customCards?: object[];
    customStrategies?: object[];
  }
}
