/** What plays now, and what was watched and decided last. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { formatAgo, formatBitrate, formatPercent, formatPosition } from "../format";
import {
  type Decision,
  decisionsOf,
  nameOf,
  positionOf,
  type Sessions,
  type Stream,
  sessionsOf,
  type Viewing,
  viewingsOf,
} from "../store/model";
import { namesOf, namesOfItem } from "../store/pictures";
import { Card, form } from "../ui/base";
import "../ui/poster";
import "./title";

const SHOWN = 5;

@customElement("showrunner-now-card")
export class NowCard extends Card {
  /** Counts seconds while something plays: positions move by themselves between two events. */
  @state() private second = 0;
  private clock?: ReturnType<typeof setInterval>;

  static getConfigForm() {
    return form({ name: "history", selector: { boolean: {} } });
  }

  /** On is what it is without being said; an editor's switch has to be told. */
  static getStubConfig(): object {
    return { history: true };
  }

  private get feed() {
    return sessionsOf(this.home.connection, this.entry);
  }

  private get decisions() {
    return decisionsOf(this.home.connection, this.entry);
  }

  private get viewings() {
    return viewingsOf(this.home.connection, this.entry);
  }

  private get showsHistory(): boolean {
    return this.config?.history !== false;
  }

  protected override feeds() {
    return this.showsHistory ? [this.feed, this.decisions, this.viewings] : [this.feed];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
    this.clock = undefined;
  }

  protected override updated(): void {
    const data = this.hass && this.config ? this.feed.state.data : undefined;
    const moves = this.isConnected && data?.available && data.streams.some((one) => !one.paused);
    if (moves && !this.clock) this.clock = setInterval(() => this.second++, 1000);
    if (!moves && this.clock) {
      clearInterval(this.clock);
      this.clock = undefined;
    }
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { data } = this.feed.state;
    return html`<ha-card role="region" aria-label=${this.heading("now")} data-second=${this.second}>
        ${this.head("now")} ${this.notice(this.feed, data?.available)}
        <div class="scroll">
          ${data?.available ? this.streams(data) : nothing}
          ${this.showsHistory ? html`${this.watched()}${this.decided()}` : nothing}
        </div>
      </ha-card>
      ${this.dialog()}`;
  }

  private streams(data: Sessions): TemplateResult {
    const others =
      data.others > 0
        ? html`<p dir="auto" class="note">${this.t("others", { count: data.others })}</p>`
        : nothing;
    if (data.streams.length === 0)
      return html`${others === nothing ? html`<p dir="auto" class="note">${this.t("nobody")}</p>` : others}`;
    return html`<ul aria-label=${this.t("now")}>
        ${data.streams.map((one) => this.stream(one, data))}
      </ul>
      ${others}`;
  }

  private stream(one: Stream, data: Sessions): TemplateResult {
    const position = positionOf(one, data, performance.now());
    const share = position !== null && one.runtime ? Math.min(100, (position / one.runtime) * 100) : null;
    const who = one.watching.length ? one.watching.join(", ") : (one.viewer ?? this.t("somebody"));
    return html`<li class="row">
      <button class="open" @click=${() => this.look(one.item_id)}>
        <showrunner-poster style="--poster-width: 56px" .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${namesOfItem(one.item_id)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${one.title}</span>
          <span dir="auto" class="line">${[who, one.device, one.client].filter(Boolean).join(" · ")}</span>
          <span dir="auto" class="line ${this.converted(one) ? "warn" : ""}">${this.how(one)}</span>
          <span
            class="bar"
            role="progressbar"
            aria-label=${this.t("progress")}
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${share === null ? nothing : Math.floor(share)}
            aria-valuetext=${share === null ? this.t("unknown") : formatPercent(this.home, share)}
            ><i style="width:${share ?? 0}%"></i
          ></span>
        </span>
        <span class="side">
          ${position === null ? this.t("unknown") : formatPosition(position)}${
            one.runtime ? html`<br />${formatPosition(one.runtime)}` : nothing
          }
          ${one.paused ? html`<br /><span dir="auto" class="badge">${this.t("paused")}</span>` : nothing}
        </span>
      </button>
    </li>`;
  }

  private converted(one: Stream): boolean {
    return one.method === "transcode";
  }

  /** Whether it is converted, which part of it and why, and how much it is. */
  private how(one: Stream): string {
    const parts = [this.of("method", one.method)];
    for (const [part, why] of Object.entries(one.reasons))
      parts.push(`${this.of("part", part)}: ${why.map(spaced).join(", ")}`);
    if (one.bitrate) parts.push(formatBitrate(this.home, one.bitrate));
    return parts.join(" · ");
  }

  private watched(): TemplateResult | typeof nothing {
    const { data, failure } = this.viewings.state;
    // Who may not see what others watch is not told that there is something.
    if (failure?.code === "unauthorized" || !data) return nothing;
    return html`<h3 id="watched">${this.t("last_viewings")}</h3>
      ${data.viewings.length === 0 ? html`<p dir="auto" class="note">${this.t("no_viewings")}</p>` : nothing}
      <ul aria-labelledby="watched">
        ${data.viewings.slice(0, SHOWN).map((one) => this.viewing(one))}
      </ul>`;
  }

  private viewing(one: Viewing): TemplateResult {
    const far = one.completed
      ? this.t("watched")
      : one.percent === null
        ? this.t("unknown")
        : formatPercent(this.home, one.percent);
    return html`<li class="row">
      <button class="open" @click=${() => this.look(nameOf(one) ?? one.jellyfin_item_id)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${one.ids.length ? namesOf(one.media, one.ids) : namesOfItem(one.jellyfin_item_id)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${one.title}</span>
          <span dir="auto" class="line">${one.viewer} · ${one.device}</span>
        </span>
        <span class="side">${far}<br />${formatAgo(this.home, new Date(one.ended_at))}</span>
      </button>
    </li>`;
  }

  private decided(): TemplateResult | typeof nothing {
    const { data, failure } = this.decisions.state;
    if (failure?.code === "unauthorized" || !data) return nothing;
    return html`<h3 id="decided">${this.t("last_decisions")}</h3>
      ${data.decisions.length === 0 ? html`<p dir="auto" class="note">${this.t("no_decisions")}</p>` : nothing}
      <ul aria-labelledby="decided">
        ${data.decisions.slice(0, SHOWN).map((one) => this.decision(one))}
      </ul>`;
  }

  private decision(one: Decision): TemplateResult {
    return html`<li class="row">
      <button class="open" @click=${() => this.look(nameOf(one) ?? one.title)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${namesOf(one.media ?? "", one.ids ?? [])}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${one.title}</span>
          <span dir="auto" class="line full">${one.reason}</span>
        </span>
        <span class="side">
          <span dir="auto" class="badge">${this.of("verdict", one.verdict)}</span><br />${formatAgo(this.home, new Date(one.decided_at))}
        </span>
      </button>
    </li>`;
  }

  static override styles = [
    ...Card.styles,
    css`
      .scroll {
        padding-bottom: 8px;
      }
      .text > span {
        display: block;
      }
      .line.full {
        white-space: normal;
      }
      .bar {
        margin-top: 6px;
      }
    `,
  ];
}

/** AudioCodecNotSupported: Audio codec not supported. */
export function spaced(reason: string): string {
  const words = reason.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  return words.charAt(0) + words.slice(1).toLowerCase();
}
