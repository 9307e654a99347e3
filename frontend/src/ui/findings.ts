/** What each rule has found: yes, no, unknown, with what it saw and what it asks for. */
import { html, type TemplateResult } from "lit";
import type { Finding } from "../store/model";
import { sayOf } from "../texts";

const MARKS: Record<string, string> = { yes: "✓", no: "✗", unknown: "?" };

export function findings(language: string, found: Finding[]): TemplateResult {
  return html`<ul class="findings">
    ${found.map(
      (one) => html`<li>
        <span class="mark ${one.answer}" role="img" aria-label=${sayOf(language, "answer", one.answer)}
          >${MARKS[one.answer] ?? "·"}</span
        >
        <span>${one.detail || sayOf(language, "rule", one.rule)}${compared(one)}</span>
      </li>`,
    )}
  </ul>`;
}

/** What was seen, and what is asked for; a detail says both in words. */
function compared(one: Finding): string {
  if (one.detail || one.value === null || one.value === undefined || one.value === "") return "";
  // Yes and no stand before it already.
  if (typeof one.value === "boolean") return "";
  const none = [null, undefined, "", one.value].includes(one.threshold as string);
  const asked = none ? "" : ` / ${plain(one.threshold)}`;
  return `: ${plain(one.value)}${asked}`;
}

const plain = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
