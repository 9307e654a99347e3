/** What cards and dialogs share: the feeds that they follow, their texts, and what is asked of the server. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { CardConfig, FormField, HomeAssistant } from "../ha";
import { type Failure, failureOf, type Looked } from "../store/feed";
import { type Key, pageLanguage, say, sayOf } from "../texts";
import { styles } from "./styles";

export abstract class Base extends LitElement {
  @property({ attribute: false }) hass?: HomeAssistant;
  /** Why the last thing that somebody wanted was not done. */
  @state() protected failed?: Failure;
  @state() protected busy = false;
  private readonly followed = new Map<Looked, () => void>();

  static override styles = [styles];

  /** The feeds that are looked at now. */
  protected abstract feeds(): Looked[];

  protected get entry(): string | undefined {
    return undefined;
  }

  /** Home Assistant, for what is only drawn and done where it is known. */
  protected get home(): HomeAssistant {
    if (!this.hass) throw new Error("drawn without Home Assistant");
    return this.hass;
  }

  protected get admin(): boolean {
    return this.hass?.user?.is_admin === true;
  }

  protected t(key: Key, values?: Record<string, string | number>): string {
    return say(this.hass?.language ?? "en", key, values);
  }

  protected of(kind: string, value: string): string {
    return sayOf(this.hass?.language ?? "en", kind, value);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.follow([]);
  }

  protected override willUpdate(_: PropertyValues): void {
    if (this.isConnected) this.follow(this.hass ? this.feeds() : []);
  }

  private follow(wanted: Looked[]): void {
    for (const [feed, stop] of this.followed) {
      if (wanted.includes(feed)) continue;
      stop();
      this.followed.delete(feed);
    }
    for (const feed of wanted) {
      if (!this.followed.has(feed))
        this.followed.set(
          feed,
          feed.subscribe(() => this.requestUpdate()),
        );
    }
  }

  /** What of Home Assistant is shown: other news of it draws nothing anew. */
  protected shown(hass: HomeAssistant): unknown[] {
    return [hass.connection, hass.language, hass.locale, hass.user?.is_admin];
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as HomeAssistant | undefined;
    if (changed.size !== 1 || !before || !this.hass) return true;
    const [was, is] = [this.shown(before), this.shown(this.hass)];
    return was.length !== is.length || was.some((one, index) => one !== is[index]);
  }

  /** Have something done, and say so when it was not. */
  protected async act(what: (hass: HomeAssistant) => Promise<unknown>): Promise<boolean> {
    if (!this.hass || this.busy) return false;
    this.busy = true;
    this.failed = undefined;
    try {
      await what(this.hass);
      return true;
    } catch (error) {
      this.failed = failureOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  protected action(name: string, data: object): Promise<boolean> {
    const entry = this.entry ? { config_entry_id: this.entry } : {};
    return this.act((hass) =>
      hass.callWS({
        type: "call_service",
        domain: "showrunner",
        service: name,
        service_data: { ...entry, ...data },
        return_response: true,
      }),
    );
  }

  /** Why there is nothing to see, in words; nothing when there is. */
  protected notice(feed: Looked, available = true): TemplateResult | typeof nothing {
    const { data, current, failure } = feed.state;
    if (failure) {
      const key: Key =
        failure.code === "unauthorized"
          ? "not_allowed"
          : failure.code === "not_found"
            ? "not_linked"
            : "failed";
      return html`<p dir="auto" class="note warn" role="status">${this.t(key, { error: failure.message })}</p>`;
    }
    if (data === undefined && this.home.connection.connected)
      return html`<p dir="auto" class="note" role="status">${this.t("loading")}</p>`;
    if (!current) return html`<p dir="auto" class="note" role="status">${this.t("reconnecting")}</p>`;
    if (!available) return html`<p dir="auto" class="note warn" role="status">${this.t("unavailable")}</p>`;
    return nothing;
  }

  protected complaint(): TemplateResult {
    return html`<div role="alert">
      ${this.failed ? html`<p dir="auto" class="note warn">${this.t("not_done", { error: this.failed.message })}</p>` : nothing}
    </div>`;
  }
}

export abstract class Card extends Base {
  @state() protected config?: CardConfig;
  /** The title that is looked at closely. */
  @state() protected looking?: string;

  protected override get entry(): string | undefined {
    return this.config?.config_entry_id;
  }

  setConfig(config: CardConfig): void {
    for (const name of ["title", "config_entry_id"] as const) {
      if (config[name] !== undefined && typeof config[name] !== "string") throw new Error(`${name}: text`);
    }
    this.config = config;
  }

  getCardSize(): number {
    return 6;
  }

  getGridOptions(): object {
    return { columns: 12, rows: "auto", min_columns: 6, min_rows: 3 };
  }

  protected look(title: string | undefined): void {
    this.looking = title;
  }

  protected dialog(): TemplateResult | typeof nothing {
    if (!this.looking) return nothing;
    return html`<showrunner-title
      .hass=${this.hass}
      .entryId=${this.entry}
      .about=${this.looking}
      @closed=${() => this.look(undefined)}
    ></showrunner-title>`;
  }

  protected heading(key: Key): string {
    return this.config?.title || this.t(key);
  }

  protected head(key: Key, more: unknown = nothing): TemplateResult {
    return html`<div class="head"><h2>${this.heading(key)}</h2>${more}</div>`;
  }
}

/** The form of a card's editor: its title and whose it is, and what it has of its own. */
export function form(...own: FormField[]): object {
  return {
    schema: [
      { name: "title", selector: { text: {} } },
      ...own,
      { name: "config_entry_id", selector: { config_entry: { integration: "showrunner" } } },
    ],
    computeLabel: (field: FormField) => sayOf(pageLanguage(), "field", field.name),
    computeHelper: (field: FormField) =>
      field.name === "config_entry_id" ? sayOf(pageLanguage(), "help", field.name) : undefined,
  };
}
