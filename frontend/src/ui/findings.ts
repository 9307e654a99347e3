/** What each rule has found: yes, no, unknown, with what it saw and what it asks for. */
import { html, type TemplateResult } from "lit";
import { formatMoment, formatNumber, formatTold } from "../format";
import type { HomeAssistant } from "../ha";
import type { Finding } from "../store/model";
import { sayOf } from "../texts";

const MARKS: Record<string, string> = { yes: "✓", no: "✗", unknown: "?" };

export function findings(hass: HomeAssistant, found: Finding[]): TemplateResult {
  const { language } = hass;
  return html`<ul class="findings">
    ${found.map(
      (one) => html`<li>
        <span class="mark ${one.answer}" role="img" aria-label=${sayOf(language, "answer", one.answer)}
          >${MARKS[one.answer] ?? "·"}</span
        >
        <span><bdi>${formatTold(hass, one.detail) || sayOf(language, "rule", one.rule)}${compared(hass, one)}</bdi></span>
      </li>`,
    )}
  </ul>`;
}

/** What was seen, and what is asked for; a detail says both in words. */
function compared(hass: HomeAssistant, one: Finding): string {
  if (one.detail || one.value === null || one.value === undefined || one.value === "") return "";
  // Yes and no stand before it already.
  if (typeof one.value === "boolean") return "";
  const none = [null, undefined, "", one.value].includes(one.threshold as string);
  const asked = none ? "" : ` / ${plain(hass, one.threshold)}`;
  return `: ${plain(hass, one.value)}${asked}`;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/** A value as people write it: instants and numbers in their language. */
function plain(hass: HomeAssistant, value: unknown): string {
  if (typeof value === "number") return formatNumber(hass, value);
  if (typeof value === "string" && INSTANT.test(value)) return formatMoment(hass, new Date(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
