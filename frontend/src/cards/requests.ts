/** Every open request: how far it is, what holds it up, and what a person can do about it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { formatAgo, formatDuration, formatNumber, formatPercent } from "../format";
import type { CardConfig } from "../ha";
import { type MediaRequest, nameOf, type Requests, requestsOf } from "../store/model";
import { namesOf } from "../store/pictures";
import { pageLanguage, sayOf } from "../texts";
import { Card, form } from "../ui/base";
import "../ui/poster";
import { inView } from "../ui/window";
import "./title";

const ROW = 84;
const STAGES = ["requested", "approved", "grabbing", "downloading", "importing", "available"];
const ANIME = [
  "requested",
  "approved",
  "grabbing",
  "downloading",
  "importing",
  "anime_matching",
  "available",
];
/** What one place of the stepper stands for, of the states that share it. */
const PLACE: Record<string, string> = { downloaded: "importing", failed: "grabbing" };

interface RequestsConfig extends CardConfig {
  show?: "all" | "stuck" | "requested";
}

/** Whether something is wrong with it; what only waits for somebody's word is not stuck. */
export const isStuck = (one: MediaRequest): boolean =>
  one.stuck !== null && one.stuck.reason !== "waiting_for_approval";

/** The stuck ones first, then what waits for somebody, what is under way, what is there; the newest first. */
export function sorted(requests: Iterable<MediaRequest>): MediaRequest[] {
  return [...requests].sort(
    (one, other) => rank(one) - rank(other) || newer(one.requested_at, other.requested_at),
  );
}

/** Instants as the server writes them are in order as texts; a language's order would take its time. */
function newer(one: string, other: string): number {
  return one === other ? 0 : one > other ? -1 : 1;
}

function rank(one: MediaRequest): number {
  if (isStuck(one)) return 0;
  if (one.state === "requested") return 1;
  return one.state === "available" ? 3 : 2;
}

export function matches(one: MediaRequest, words: string, show: string): boolean {
  if (show === "stuck" && !isStuck(one)) return false;
  if (show !== "all" && show !== "stuck" && one.state !== show) return false;
  if (!words) return true;
  const text = [one.title, ...one.other_titles, one.requested_by, String(one.year ?? "")].join(" ");
  const found = text.toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => found.includes(word));
}

export function placeOf(one: MediaRequest): { stages: readonly string[]; at: number } {
  const stages = one.anime ? ANIME : STAGES;
  return { stages, at: stages.indexOf(PLACE[one.state] ?? one.state) };
}

@customElement("showrunner-requests-card")
export class RequestsCard extends Card {
  @state() private words = "";
  @state() private show?: string;
  @state() private scrolled = 0;
  private height = 0;
  private framed = false;
  private list: MediaRequest[] = [];
  private of_?: ReadonlyMap<string, MediaRequest>;
  private asked = "";

  static getConfigForm() {
    const options = ["all", "stuck", "requested"].map((value) => ({
      value,
      label: sayOf(pageLanguage(), "show", value),
    }));
    return form({ name: "show", selector: { select: { options, mode: "dropdown" } } });
  }

  static getStubConfig(): object {
    return {};
  }

  private get feed() {
    return requestsOf(this.home.connection, this.entry);
  }

  protected override feeds() {
    return [this.feed];
  }

  private rows(known: Requests): MediaRequest[] {
    const show = this.show ?? (this.config as RequestsConfig).show ?? "all";
    const asked = `${show} ${this.words}`;
    if (this.of_ !== known.byId || this.asked !== asked) {
      this.of_ = known.byId;
      this.asked = asked;
      this.list = sorted([...known.byId.values()].filter((one) => matches(one, this.words.trim(), show)));
    }
    return this.list;
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { data, current } = this.feed.state;
    const rows = data ? this.rows(data) : [];
    return html`<ha-card role="region" aria-label=${this.heading("requests")}>
        ${this.head("requests", html`<span class="badge" role="status">${this.counted(rows)}</span>`)}
        ${data && data.byId.size > 0 ? this.tools() : nothing}
        ${this.complaint()} ${this.notice(this.feed, data?.available)}
        ${data?.available && rows.length === 0 ? this.empty(data) : nothing}
        ${rows.length ? this.scroller(rows, current && data?.available === true) : nothing}
      </ha-card>
      ${this.dialog()}`;
  }

  private counted(rows: MediaRequest[]): string {
    const stuck = rows.filter(isStuck).length;
    const count = this.t("count", { count: rows.length, number: formatNumber(this.home, rows.length) });
    return stuck ? `${count} · ${this.t("count_stuck", { count: stuck })}` : count;
  }

  private empty(data: Requests): TemplateResult {
    return html`<p class="note">${this.t(data.byId.size ? "nothing_matches" : "no_requests")}</p>`;
  }

  private tools(): TemplateResult {
    const show = this.show ?? (this.config as RequestsConfig).show ?? "all";
    return html`<div class="tools">
      <input
        type="search"
        .value=${this.words}
        placeholder=${this.t("search")}
        aria-label=${this.t("search")}
        @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)}
      />
      <select
        aria-label=${this.t("show")}
        @change=${(event: Event) => (this.show = (event.target as HTMLSelectElement).value)}
      >
        ${["all", "stuck", ...ANIME, "failed"].map(
          (one) => html`<option value=${one} ?selected=${one === show}>${this.of("show", one)}</option>`,
        )}
      </select>
    </div>`;
  }

  private scroller(rows: MediaRequest[], current: boolean): TemplateResult {
    const { first, last } = inView(rows.length, ROW, this.scrolled, this.height || 560);
    return html`<div class="scroll ${current ? "" : "old"}" @scroll=${this.moved}>
      <ul style="height:${rows.length * ROW}px" aria-label=${this.t("requests")}>
        ${repeat(
          rows.slice(first, last),
          (one) => one.request_id,
          (one, index) => this.row(one, first + index, rows.length),
        )}
      </ul>
    </div>`;
  }

  private readonly moved = (event: Event): void => {
    const box = event.currentTarget as HTMLElement;
    if (this.framed) return;
    this.framed = true;
    requestAnimationFrame(() => {
      this.framed = false;
      this.height = box.clientHeight;
      this.scrolled = box.scrollTop;
    });
  };

  private row(one: MediaRequest, index: number, count: number): TemplateResult {
    return html`<li
      class="row"
      style="top:${index * ROW}px"
      aria-setsize=${count}
      aria-posinset=${index + 1}
      data-id=${one.request_id}
    >
      <button class="open" @click=${() => this.look(nameOf(one))}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${namesOf(one.media, one.ids)}></showrunner-poster>
        <span class="text">
          <span class="name">${one.title}${one.year ? html` <span class="year">(${one.year})</span>` : nothing}</span>
          <span class="line">${this.asker(one)}</span>
          ${this.stepper(one)}
          <span class="line ${isStuck(one) ? "warn" : ""}">${this.standing(one)}</span>
        </span>
      </button>
      ${this.buttons(one)}
    </li>`;
  }

  private asker(one: MediaRequest): string {
    const parts = [one.requested_by, formatAgo(this.home, new Date(one.requested_at))];
    if (one.is_4k) parts.push("4K");
    return parts.filter(Boolean).join(" · ");
  }

  /** How far it is, in words: why it is stuck, else its state, progress and time left. */
  private standing(one: MediaRequest): string {
    if (one.stuck) {
      const since = formatAgo(this.home, new Date(one.stuck.since));
      return `${this.of("stuck", one.stuck.reason)} · ${since}`;
    }
    const parts = [this.of(one.stage ? "stage" : "state", one.stage ?? one.state)];
    if (one.state === "downloading" && one.progress !== null)
      parts.push(formatPercent(this.home, one.progress));
    if (one.eta !== null) parts.push(this.t("left", { time: formatDuration(this.home, one.eta) }));
    const all = Object.values(one.episodes).reduce((sum, count) => sum + count, 0);
    if (all > 1) parts.push(this.t("episodes", { done: one.episodes.available ?? 0, all }));
    return parts.join(" · ");
  }

  private stepper(one: MediaRequest): TemplateResult {
    const { stages, at } = placeOf(one);
    const label = this.t("step_of", { step: this.of("state", one.state), at: at + 1, all: stages.length });
    return html`<span class="steps ${isStuck(one) || one.state === "failed" ? "warn" : ""}" role="img" aria-label=${label}>
      ${stages.map((stage, index) => {
        const done = index < at || one.state === "available";
        const part = index === at && stage === "downloading" ? (one.progress ?? 0) : index === at ? 50 : 0;
        return html`<i><b style="width:${done ? 100 : part}%"></b></i>`;
      })}
    </span>`;
  }

  private buttons(one: MediaRequest): TemplateResult | typeof nothing {
    if (!this.admin) return nothing;
    if (one.state === "requested") {
      return html`<span class="decide">
        <button
          class="button main"
          ?disabled=${this.busy}
          aria-label=${this.t("approve_title", { title: one.title })}
          @click=${() => this.decide("approve", one)}
        >
          ${this.t("approve")}
        </button>
        <button
          class="button"
          ?disabled=${this.busy}
          aria-label=${this.t("decline_title", { title: one.title })}
          @click=${() => this.decide("decline", one)}
        >
          ${this.t("decline")}
        </button>
      </span>`;
    }
    if (!isStuck(one)) return nothing;
    return html`<a class="button" href="/config/repairs" aria-label=${this.t("mend_title", { title: one.title })}
      >${this.t("mend")}</a
    >`;
  }

  private decide(what: "approve" | "decline", one: MediaRequest): Promise<boolean> {
    const entry = this.entry ? { config_entry_id: this.entry } : {};
    const message = { type: `showrunner/requests/${what}`, ...entry, request_id: one.request_id };
    return this.act((hass) => hass.callWS(message));
  }

  protected override updated(): void {
    const box = this.renderRoot.querySelector(".scroll");
    if (box && box.clientHeight !== this.height) {
      this.height = box.clientHeight;
      this.requestUpdate();
    }
  }

  static override styles = [
    ...Card.styles,
    css`
      .tools {
        display: flex;
        gap: 8px;
        padding: 0 16px 8px;
      }
      .tools input {
        flex: 1;
        min-width: 0;
      }
      .tools :is(input, select) {
        height: 40px;
        padding: 0 12px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
        max-width: 100%;
      }
      .tools select {
        width: 40%;
        max-width: 200px;
      }
      .scroll {
        max-height: 592px;
      }
      ul {
        position: relative;
      }
      .row {
        position: absolute;
        inset-inline: 0;
        height: ${ROW}px;
        contain: strict;
      }
      .text > span {
        display: block;
      }
      .year {
        color: var(--secondary-text-color);
        font-weight: normal;
      }
      .steps {
        display: flex !important;
        gap: 3px;
        margin: 4px 0;
        max-width: 480px;
      }
      .steps i {
        flex: 1;
        height: 5px;
        border-radius: 3px;
        background: var(--divider-color);
        overflow: hidden;
      }
      .steps b {
        display: block;
        height: 100%;
        background: var(--primary-color);
      }
      .steps.warn b {
        background: var(--error-color);
      }
      .decide {
        display: flex;
        flex-direction: column;
        gap: 4px;
      }
      .decide .button {
        min-height: 34px;
        text-align: center;
      }
      a.button {
        display: inline-flex;
        align-items: center;
        text-decoration: none;
      }
    `,
  ];
}
