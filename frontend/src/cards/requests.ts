/** Every open request: how far it is, what holds it up, and what a person can do about it. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { formatAgo, formatDuration, formatNumber, formatPercent } from "../format";
import type { CardConfig } from "../ha";
import { type MediaRequest, nameOf, PAGE, type RequestPage, requestsOf } from "../store/model";
import { namesOf } from "../store/pictures";
import { pageLanguage, sayOf } from "../texts";
import { Card, form } from "../ui/base";
import "../ui/poster";
import { inView } from "../ui/window";
import "./title";

/** With a finger two buttons of 44 px, one above the other, have to be told from those of the next row. */
const COARSE = window.matchMedia?.("(pointer: coarse)").matches ?? false;
const ROW = COARSE ? 108 : 84;
/** How high the list is before it is drawn, and at most: half a row says that there are more. */
const HEIGHT = (COARSE ? 5.5 : 7.5) * ROW;
/** Who types is waited for so long (ms), and is heard to so many characters. */
const PAUSE = 250;
/** Between two times that pages are asked for (ms). */
const REST = 150;
const LONGEST = 200;
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

/** What has a repair, which says what a person can do elsewhere. */
const REPAIRED = new Set([
  "no_seeds",
  "disk_full",
  "download_error",
  "not_matched",
  "client_unavailable",
  "not_moving",
]);

/** Whether something is wrong with it; what only waits for somebody's word is not stuck. */
export const isStuck = (one: MediaRequest): boolean =>
  one.stuck !== null && one.stuck.reason !== "waiting_for_approval";

export function placeOf(one: MediaRequest): { stages: readonly string[]; at: number } {
  const stages = one.anime ? ANIME : STAGES;
  return { stages, at: stages.indexOf(PLACE[one.state] ?? one.state) };
}

@customElement("showrunner-requests-card")
export class RequestsCard extends Card {
  /** What is looked for, once nobody has typed for a moment. */
  @state() private search = "";
  @state() private show?: string;
  @state() private scrolled = 0;
  /** What was done last, for who does not see the row. */
  @state() private done = "";
  private height = 0;
  private framed = false;
  private typed?: ReturnType<typeof setTimeout>;
  /** What was counted and drawn last: of what is looked for now nothing may have been told yet. */
  private counted?: RequestPage;
  private drawn = new Map<number, MediaRequest>();
  /** The pages that are asked for. Who scrolls fast does not have every page of the way asked. */
  private asked = [0];
  private resting?: ReturnType<typeof setTimeout>;

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

  private get shows(): string {
    return this.show ?? (this.config as RequestsConfig).show ?? "all";
  }

  private page(number: number) {
    return requestsOf(this.home.connection, this.entry, this.shows, this.search, number);
  }

  /** Which rows are in view, of so many. */
  private inView(total: number) {
    return inView(total, ROW, this.scrolled, this.height || HEIGHT);
  }

  /** The pages in view, the first of them first; that there is one is known before anything is. */
  private get pages(): number[] {
    const { first, last } = this.inView(this.counted?.total ?? 0);
    const from = Math.floor(first / PAGE);
    const to = Math.max(from, Math.ceil(last / PAGE) - 1);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  }

  protected override feeds() {
    return this.asked.map((number) => this.page(number));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (this.hass && this.config) {
      this.count();
      this.ask();
    }
    super.willUpdate(changed);
  }

  private ask(): void {
    const { pages } = this;
    if (this.resting || pages.join() === this.asked.join()) return;
    this.asked = pages;
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.requestUpdate();
    }, REST);
  }

  /** Take what is counted from what was told: with it, other pages may come into view. */
  private count(): void {
    const told = this.feeds().flatMap((feed) => feed.state.data ?? []);
    this.counted = told.find((one) => one.available) ?? told[0] ?? this.counted;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.typed);
    clearTimeout(this.resting);
    this.resting = undefined;
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { counted } = this;
    const feeds = this.feeds();
    const looked = feeds.find((feed) => feed.state.failure) ?? feeds[0];
    if (!looked) return nothing;
    const { data, current, failure } = looked.state;
    // What was drawn before says that something else is on its way.
    const waits = !data && !failure && counted !== undefined && this.home.connection.connected;
    return html`<ha-card role="region" aria-label=${this.heading("requests")}>
        ${this.head("requests", html`<span dir="auto" class="badge" role="status">${this.summary(counted)}</span>`)}
        ${counted?.known || this.search ? this.tools() : nothing}
        ${this.complaint()}
        <div role="status">${this.done ? html`<p dir="auto" class="note">${this.done}</p>` : nothing}</div>
        ${waits ? nothing : this.notice(looked, data?.available)}
        ${data?.available && data.total === 0 ? this.empty(data) : nothing}
        ${counted?.total ? this.scroller(counted.total, current && data?.available === true) : nothing}
      </ha-card>
      ${this.dialog()}`;
  }

  private summary(counted: RequestPage | undefined): string {
    const { total, stuck } = counted ?? { total: 0, stuck: 0 };
    const count = this.t("count", { count: total, number: formatNumber(this.home, total) });
    return stuck ? `${count} · ${this.t("count_stuck", { count: stuck })}` : count;
  }

  private empty(data: RequestPage): TemplateResult {
    return html`<p dir="auto" class="note">${this.t(data.known ? "nothing_matches" : "no_requests")}</p>`;
  }

  private tools(): TemplateResult {
    return html`<div class="tools">
      <input
        type="search"
        placeholder=${this.t("search")}
        aria-label=${this.t("search")}
        @input=${(event: Event) => this.type((event.target as HTMLInputElement).value)}
      />
      <select
        aria-label=${this.t("show")}
        @change=${(event: Event) => this.lookFor({ show: (event.target as HTMLSelectElement).value })}
      >
        ${["all", "stuck", ...ANIME, "failed"].map(
          (one) =>
            html`<option value=${one} ?selected=${one === this.shows}>${this.of("show", one)}</option>`,
        )}
      </select>
    </div>`;
  }

  private type(words: string): void {
    clearTimeout(this.typed);
    this.typed = setTimeout(() => this.lookFor({ search: words.trim().slice(0, LONGEST) }), PAUSE);
  }

  /** Look for something else, from its beginning. */
  private lookFor({ search = this.search, show = this.show }): void {
    this.search = search;
    this.show = show;
    this.scrolled = 0;
    this.asked = [0];
    const box = this.renderRoot.querySelector(".scroll");
    if (box) box.scrollTop = 0;
  }

  private scroller(total: number, current: boolean): TemplateResult {
    const { first, last } = this.inView(total);
    const pages = new Map(this.asked.map((number) => [number, this.page(number).state.data?.rows]));
    const told = [...pages.values()].some((rows) => rows !== undefined);
    // While a request moves from page to page both may name it.
    const seen = new Set<string>();
    const rows = Array.from({ length: last - first }, (_, index) => {
      const at = first + index;
      const one = told ? pages.get(Math.floor(at / PAGE))?.[at % PAGE] : this.drawn.get(at);
      if (!one || seen.has(one.request_id)) return { at, id: `row ${index}` };
      seen.add(one.request_id);
      return { at, id: one.request_id, one };
    });
    this.drawn = new Map(rows.flatMap(({ at, one }) => (one ? [[at, one] as const] : [])));
    return html`<div class="scroll ${current ? "" : "old"}" @scroll=${this.moved}>
      <ul style="height:${total * ROW}px" aria-label=${this.t("requests")}>
        ${repeat(
          rows,
          ({ id }) => id,
          ({ one, at }) => (one ? this.row(one, at, total) : this.awaited(at, total)),
        )}
      </ul>
    </div>`;
  }

  /** A row of which the server has not told yet. */
  private awaited(index: number, count: number): TemplateResult {
    return html`<li
      class="row"
      style="top:${index * ROW}px"
      aria-setsize=${count}
      aria-posinset=${index + 1}
      aria-busy="true"
    >
      <span class="frame"></span><span dir="auto" class="line">${this.t("loading")}</span>
    </li>`;
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
          <span dir="auto" class="name">${one.title}${one.year ? html` <span class="year">(${one.year})</span>` : nothing}</span>
          <span dir="auto" class="line">${this.asker(one)}</span>
          ${this.stepper(one)}
          <span dir="auto" class="line ${isStuck(one) ? "warn" : ""}" title=${one.stuck?.message || nothing}
            >${this.standing(one)}</span
          >
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
      return [this.of("stuck", one.stuck.reason), since, one.stuck.message].filter(Boolean).join(" · ");
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
    if (!isStuck(one) || !one.stuck) return nothing;
    const { mending, reason } = one.stuck;
    if (mending) {
      const words = this.of("mend", mending);
      return html`<button
        class="button"
        ?disabled=${this.busy}
        aria-label="${words}: ${one.title}"
        @click=${() => this.mend(one, mending)}
      >
        ${words}
      </button>`;
    }
    if (!REPAIRED.has(reason)) return nothing;
    return html`<a class="button" href="/config/repairs" aria-label=${this.t("repair_title", { title: one.title })}
      >${this.t("repair")}</a
    >`;
  }

  /** How it stands may not change for a while: that it was begun is said. */
  private async mend(one: MediaRequest, mending: string): Promise<void> {
    this.done = "";
    if (await this.decide("mend", one)) this.done = `${one.title}: ${this.of("mended", mending)}`;
  }

  private decide(what: "approve" | "decline" | "mend", one: MediaRequest): Promise<boolean> {
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
        max-height: ${HEIGHT}px;
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
      .frame {
        width: 44px;
        aspect-ratio: 2 / 3;
        border-radius: var(--ha-border-radius-sm, 4px);
        background: var(--secondary-background-color);
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
        min-height: ${COARSE ? 44 : 34}px;
        text-align: center;
      }
      .row > .button {
        max-width: 34%;
        text-align: center;
        white-space: normal;
      }
      a.button {
        display: inline-flex;
        align-items: center;
        text-decoration: none;
      }
    `,
  ];
}
