/** Cards that look back: over so many days as somebody has said. */
import type { CardConfig } from "../ha";
import { Card, form } from "./base";

/** So many days are looked back where nobody says how many, and a year at most. */
export const DAYS = 90;
const YEAR = 366;

export function days(config: CardConfig | undefined): number {
  const given = Number(config?.days ?? DAYS);
  return Number.isInteger(given) ? Math.min(YEAR, Math.max(1, given)) : DAYS;
}

export abstract class DaysCard extends Card {
  static getConfigForm() {
    return form({ name: "days", selector: { number: { min: 1, max: YEAR, mode: "box" } } });
  }

  static getStubConfig(): object {
    return { days: DAYS };
  }

  protected get days(): number {
    return days(this.config);
  }
}
