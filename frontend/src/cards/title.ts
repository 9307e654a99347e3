/** A title: all that happened to it, what was decided last and why, and what a person says to it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { formatBytes, formatMoment, formatPercent } from "../format";
import { type Decision, type MediaRequest, type Story, type StoryEvent, storyOf } from "../store/model";
import { namesOf } from "../store/pictures";
import type { Key } from "../texts";
import { Dialog } from "../ui/dialog";
import { findings } from "../ui/findings";
import "../ui/poster";

/** Who counts titles so, as they write themselves. */
const COUNTS: Record<string, string> = { tmdb: "TMDB", tvdb: "TVDB", imdb: "IMDb", anidb: "AniDB" };

/** tmdb:603: TMDB 603. */
export function idName(id: string): string {
  const [source = "", ...rest] = id.split(":");
  return rest.length ? `${COUNTS[source] ?? source} ${rest.join(":")}` : id;
}

const POLICIES = ["auto", "always", "ask", "never"];

@customElement("showrunner-title")
export class TitleDialog extends Dialog {
  @property() about = "";

  private get feed() {
    return storyOf(this.home.connection, this.entry, this.about);
  }

  protected override feeds() {
    return [this.feed];
  }

  protected override render() {
    if (!this.hass) return nothing;
    const story = this.feed.state.data;
    const content = html`${this.notice(this.feed)}${story ? this.content(story) : nothing}`;
    return this.frame(
      story?.title ?? this.t("title"),
      content,
      story && this.admin ? this.foot(story) : nothing,
    );
  }

  private content(story: Story): TemplateResult {
    const decision = story.events.findLast((event) => event.decision)?.decision as Decision | undefined;
    const request = story.events.findLast((event) => event.request)?.request as MediaRequest | undefined;
    return html`
      <showrunner-poster kind="backdrop" .hass=${this.hass} .entry=${this.entry} .names=${namesOf(story.media, story.ids)}></showrunner-poster>
      <div class="row top">
        <showrunner-poster style="--poster-width: 88px" .hass=${this.hass} .entry=${this.entry} .name=${story.title} .names=${namesOf(story.media, story.ids)}></showrunner-poster>
        <div class="text">
          <p dir="auto" class="line full">${this.of("media", story.media)} · ${story.ids.map(idName).join(" · ")}</p>
          ${request ? html`<p>${this.of("state", request.state)}</p>` : nothing}
          ${story.detail ? html`<p dir="auto" class="line full">${story.detail}</p>` : nothing}
          ${story.keeps.map((keep) => html`<p dir="auto" class="badge">${this.kept(keep)}</p>`)}
        </div>
      </div>
      ${decision ? this.decided(decision) : nothing}
      <h3>${this.t("story")}</h3>
      ${story.events.length === 0 ? html`<p dir="auto" class="note">${this.t("no_story")}</p>` : nothing}
      <ol>
        ${[...story.events].reverse().map((event) => this.event(event))}
      </ol>
      ${story.older ? html`<p dir="auto" class="note">${this.t("older")}</p>` : nothing}
    `;
  }

  private kept(keep: Story["keeps"][number]): string {
    const season = keep.season === null ? "" : ` (${this.t("season", { number: keep.season })})`;
    const until = keep.until ? formatMoment(this.home, new Date(keep.until)) : this.t("for_ever");
    return `${this.t("kept")}${season}: ${until}`;
  }

  private decided(decision: Decision): TemplateResult {
    return html`<h3>${this.t("last_decision")}</h3>
      <div class="pad">
        <p><strong>${this.of("verdict", decision.verdict)}</strong> · ${decision.reason}</p>
        ${findings(this.home, decision.findings ?? [])}
      </div>`;
  }

  private event(event: StoryEvent): TemplateResult {
    return html`<li>
      <time datetime=${event.at}>${formatMoment(this.home, new Date(event.at))}</time>
      <span>${this.told(event)}</span>
    </li>`;
  }

  /** Say one thing that happened; what is new to these cards is named, and no more. */
  private told(event: StoryEvent): string {
    const kind = Object.keys(event).find((key) => key !== "at") ?? "";
    const about = (event[kind] ?? {}) as Record<string, string | number | boolean | null>;
    const words = this.of("event", kind);
    const rest = this.parts(kind, about).filter(Boolean).join(" · ");
    return rest ? `${words}: ${rest}` : words;
  }

  private parts(kind: string, about: Record<string, string | number | boolean | null>): string[] {
    const text = (key: string) => String(about[key] ?? "");
    switch (kind) {
      case "viewing":
        return [text("viewer"), text("device"), this.seen(about.completed === true, about.percent)];
      case "decision":
        return [this.of("verdict", text("verdict")), text("reason")];
      case "change": {
        const freed = Number(about.bytes_freed) > 0 ? formatBytes(this.home, Number(about.bytes_freed)) : "";
        return [this.of("action", text("action")), this.of("step", text("state")), freed];
      }
      case "plan":
        return [this.of("job", text("job")), about.dry_run ? this.t("dry_run") : ""];
      case "request":
        return [text("requested_by"), this.of("state", text("state"))];
      case "request_event":
        return [this.of("request_event", text("kind")), text("detail")];
      case "keep":
        return [text("by"), text("why")];
      case "stop_keeping":
        return [text("by")];
      default:
        return [];
    }
  }

  private seen(completed: boolean, percent: unknown): string {
    if (completed) return this.t("watched");
    return typeof percent === "number" ? formatPercent(this.home, percent) : this.t("unknown");
  }

  private foot(story: Story): TemplateResult {
    return html`
      <label>
        <span dir="auto" class="line">${this.t("override")}</span>
        <select ?disabled=${this.busy} @change=${(event: Event) => this.override(event)}>
          ${POLICIES.map(
            (one) =>
              html`<option value=${one} ?selected=${one === story.override}>${this.of("policy", one)}</option>`,
          )}
        </select>
      </label>
      ${this.button(story.keeps.length ? "stop_keeping" : "keep")}
      ${
        story.media === "movie"
          ? html`<button class="button" ?disabled=${this.busy} @click=${() => this.decide()}>
              ${this.t("decide_now")}
            </button>`
          : nothing
      }
    `;
  }

  private button(name: "keep" | "stop_keeping"): TemplateResult {
    return html`<button class="button" ?disabled=${this.busy} @click=${() => this.change(name, {})}>
      ${this.t(name as Key)}
    </button>`;
  }

  private async change(name: string, data: object): Promise<void> {
    if (await this.action(name, { title: this.about, ...data })) this.feed.refresh();
  }

  private async override(event: Event): Promise<void> {
    await this.change("set_override", { policy: (event.target as HTMLSelectElement).value });
  }

  /** Decide on it anew, and have done what the rules say. */
  private async decide(): Promise<void> {
    await this.change("decide", { execute: true });
  }

  static override styles = [
    ...Dialog.styles,
    css`
      .top {
        align-items: flex-start;
      }
      [shown] + .top showrunner-poster {
        margin-top: -72px;
        position: relative;
      }
      .top p,
      .pad p {
        margin: 0 0 6px;
      }
      .pad {
        padding: 0 16px 8px;
      }
      .line.full {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0 16px 16px;
      }
      ol li {
        display: flex;
        gap: 12px;
        padding-block: 6px;
        padding-inline-start: 12px;
        border-inline-start: 2px solid var(--divider-color);
        overflow-wrap: anywhere;
      }
      ol li > span {
        flex: 1;
        min-width: 0;
      }
      time {
        flex: none;
        width: 136px;
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-s, 12px);
        padding-top: 2px;
      }
      .foot select {
        height: 36px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
        padding: 0 8px;
      }
      .foot label {
        display: flex;
        gap: 8px;
        align-items: center;
      }
      .foot {
        align-items: center;
      }
    `,
  ];
}
