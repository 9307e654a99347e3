/** The seedbox: its room, its rates, and what comes over the line. */
import { css, html, nothing, svg, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { deviceOf, devicesWith } from "../entities";
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatMoment,
  formatNumber,
  formatPercent,
  formatRate,
  formatTold,
} from "../format";
import type { HomeAssistant } from "../ha";
import {
  type Outlook,
  outlookOf,
  type PlanSummary,
  type Rates,
  ratesOf,
  syncPlansOf,
  type Transfer,
  transfersOf,
} from "../store/model";
import { Card, form } from "../ui/base";

const NUMBERS = ["torrents", "seeding", "downloading", "paused", "errors", "ratio", "purgeable_size"];
const FILES = 5;

@customElement("showrunner-seedbox-card")
export class SeedboxCard extends Card {
  static getConfigForm() {
    return form(
      { name: "transfers", selector: { boolean: {} } },
      { name: "purge", selector: { boolean: {} } },
    );
  }

  /** On is what it is without being said; an editor's switch has to be told. */
  static getStubConfig(): object {
    return { transfers: true, purge: true };
  }

  private get feed() {
    return transfersOf(this.home.connection, this.entry);
  }

  private get showsTransfers(): boolean {
    return this.config?.transfers !== false;
  }

  /** What is transferred is a plan: that is what is paused, and ended. */
  private get plans() {
    return syncPlansOf(this.home.connection, this.entry);
  }

  private get outlook() {
    return outlookOf(this.home.connection, this.entry);
  }

  private get showsPurge(): boolean {
    return this.config?.purge !== false && this.clients.length > 0;
  }

  private get clients() {
    return devicesWith(this.home, this.entry, "used_percent");
  }

  private rates(entities: Map<string, string>) {
    const ids = ["download_rate", "upload_rate"].flatMap((key) => entities.get(key) ?? []);
    return ids.length ? ratesOf(this.home.connection, ids) : undefined;
  }

  protected override feeds() {
    const rates = this.clients.flatMap((one) => this.rates(one.entities) ?? []);
    return [
      ...(this.showsTransfers ? [this.feed] : []),
      ...(this.showsTransfers && this.admin ? [this.plans] : []),
      ...(this.clients.length ? [this.outlook] : []),
      ...rates,
    ];
  }

  protected override shown(hass: HomeAssistant): unknown[] {
    const ids = this.clients.flatMap((one) => [...one.entities.values()]);
    return [...super.shown(hass), hass.entities, ...ids.map((id) => hass.states[id])];
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { clients } = this;
    const { data } = this.feed.state;
    return html`<ha-card role="region" aria-label=${this.heading("seedbox")}>
      ${this.head("seedbox")} ${this.complaint()}
      <div class="scroll">
        ${clients.length === 0 ? html`<p dir="auto" class="note">${this.t("no_client")}</p>` : nothing}
        ${clients.map((one) => this.client(one.id, one.name, one.entities))}
        ${this.showsPurge ? this.purge() : nothing}
        ${
          this.showsTransfers
            ? html`<h3 id="transfers">${this.t("transfers")}</h3>
                ${this.notice(this.feed, data?.available)} ${data?.available ? this.control() : nothing}
                ${data?.available && data.transfers.length === 0 ? html`<p dir="auto" class="note">${this.t("no_transfers")}</p>` : nothing}
                <ul aria-labelledby="transfers">
                  ${(data?.transfers ?? []).map((one) => this.transfer(one))}
                </ul>`
            : nothing
        }
      </div>
    </ha-card>`;
  }

  /** A number of an entity, or undefined while nobody knows it. */
  private value(id: string | undefined): number | undefined {
    const text = id === undefined ? undefined : this.home.states[id]?.state;
    const value = text === undefined || text === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }

  /** What an entity shows, as Home Assistant says it. */
  private said(id: string): string {
    const entity = this.home.states[id];
    return entity ? this.home.formatEntityState(entity) : this.t("unknown");
  }

  private client(device: string, name: string, entities: Map<string, string>): TemplateResult {
    const percent = this.value(entities.get("used_percent"));
    const over = this.home.states[entities.get("over_target") ?? ""]?.state === "on";
    const used = entities.get("used");
    const total = entities.get("total");
    const room = used && total ? `${this.said(used)} / ${this.said(total)}` : used ? this.said(used) : "";
    return html`<section>
      <h3>${name}</h3>
      <div class="room">
        <span class="percent ${over ? "warn" : ""}"
          >${percent === undefined ? this.t("unknown") : formatPercent(this.home, percent)}</span
        >
        <span class="text">
          <span
            class="bar ${over ? "warn" : ""}"
            role="meter"
            aria-label=${this.t("room")}
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${percent === undefined ? nothing : Math.round(percent)}
            ><i style="width:${Math.min(100, percent ?? 0)}%"></i
          ></span>
          <span dir="auto" class="line">${room}${over ? ` · ${this.t("over_target")}` : ""}</span>
          ${this.forecast(device)}
        </span>
      </div>
      ${this.lines(entities)}
      <dl>
        ${NUMBERS.flatMap((key) => entities.get(key) ?? []).map((id) => {
          const key = this.home.entities[id]?.translation_key ?? "";
          return html`<div><dt>${this.of("number", key)}</dt><dd><bdi>${this.said(id)}</bdi></dd></div>`;
        })}
      </dl>
    </section>`;
  }

  /** When it is full; nothing where nobody can say. */
  private forecast(device: string): TemplateResult | typeof nothing {
    const told = this.outlook.state.data?.clients.find((one) => deviceOf(this.home, one.id)?.id === device);
    if (!told?.full_at || !told.rate) return nothing;
    const when = formatAgo(this.home, new Date(told.full_at));
    const rate = formatBytes(this.home, told.rate);
    return html`<span dir="auto" class="line full">${this.t("full_at", { when, rate })}</span>`;
  }

  /** What the next purge takes, and why; and when, where it begins by itself. */
  private purge(): TemplateResult {
    const { data } = this.outlook.state;
    return html`<h3 id="purge">${this.t("next_purge")}</h3>
      ${data ? this.purged(data.purge) : this.notice(this.outlook)}`;
  }

  private purged({ at, candidates, count, bytes }: Outlook["purge"]): TemplateResult {
    if (candidates === null) return html`<p dir="auto" class="note">${this.t("purge_unknown")}</p>`;
    const when = at ? formatMoment(this.home, new Date(at)) : this.t("not_by_itself");
    if (candidates.length === 0)
      return html`<p dir="auto" class="note">${when} · ${this.t("nothing_to_purge")}</p>`;
    const number = formatNumber(this.home, count ?? candidates.length);
    const all = this.t("torrents_go", { count: count ?? candidates.length, number });
    const rest = (count ?? 0) - candidates.length;
    return html`<p dir="auto" class="note">${[when, all, formatBytes(this.home, bytes ?? 0)].join(" · ")}</p>
      <ul aria-labelledby="purge">
        ${candidates.map(
          (one) => html`<li class="row going">
            <span class="text">
              <span dir="auto" class="name">${one.title}</span>
              <span dir="auto" class="line full">${formatTold(this.home, one.reasons.join(" "))}</span>
            </span>
            <span class="side">${formatBytes(this.home, one.bytes)}</span>
          </li>`,
        )}
      </ul>
      ${rest > 0 ? html`<p dir="auto" class="note">${this.t("more", { count: rest })}</p>` : nothing}`;
  }

  /** The plan that is carried out, or goes on by itself; a list has it among those that are over. */
  private get underWay(): PlanSummary | undefined {
    const plans = this.plans.state.data?.plans ?? [];
    return plans.find((one) => one.running) ?? plans.find((one) => (one.waiting ?? 0) > 0);
  }

  private control(): TemplateResult | typeof nothing {
    const plan = this.admin && this.underWay;
    if (!plan) return nothing;
    const what = plan.paused ? "resume" : "pause";
    return html`<div class="actions control">
      ${plan.paused ? html`<span dir="auto" class="badge">${this.t("paused")}</span>` : nothing}
      <button class="button" ?disabled=${this.busy} @click=${() => this.tell(what, plan)}>${this.t(what)}</button>
      <button class="button danger" ?disabled=${this.busy} @click=${() => this.tell("cancel", plan)}>
        ${this.t("cancel")}
      </button>
    </div>`;
  }

  private async tell(what: "pause" | "resume" | "cancel", plan: PlanSummary): Promise<void> {
    const entry = this.entry ? { config_entry_id: this.entry } : {};
    const message = { type: `showrunner/plans/${what}`, ...entry, plan_id: plan.plan_id };
    await this.act((hass) => hass.callWS(message));
    this.plans.refresh();
  }

  /** How the transfers stand, as far as it says something of the plan behind them. */
  private stood = "";

  protected override updated(): void {
    if (!this.hass || !this.config || !this.showsTransfers || !this.admin) return;
    const stands = (this.feed.state.data?.transfers ?? []).map((one) => `${one.id} ${one.state}`).join();
    if (this.stood && this.stood !== stands) this.plans.refresh();
    this.stood = stands;
  }

  private lines(entities: Map<string, string>): TemplateResult {
    const rates = this.rates(entities)?.state.data;
    return html`<div class="rates">
      ${(["download_rate", "upload_rate"] as const).map((key) => {
        const id = entities.get(key);
        if (!id) return nothing;
        return html`<div>
          <span dir="auto" class="line">${this.of("number", key)}</span>
          <strong><bdi>${this.said(id)}</bdi></strong>
          ${sparkline(rates?.[id] ?? [])}
        </div>`;
      })}
    </div>`;
  }

  private transfer(one: Transfer): TemplateResult {
    const parts = [
      this.of("transfer", one.connected ? one.state : "unreachable"),
      one.rate ? formatRate(this.home, one.rate) : "",
      one.remaining === null ? "" : this.t("left", { time: formatDuration(this.home, one.remaining) }),
    ];
    const last = one.last_sync
      ? this.t("last_sync", { when: formatAgo(this.home, new Date(one.last_sync)) })
      : this.t("never_synced");
    const moves = one.total_bytes !== null && one.total_bytes > 0;
    return html`<li class="row transfer">
      <span class="text">
        <span dir="auto" class="name">${one.title}</span>
        <span dir="auto" class="line ${one.connected ? "" : "warn"}">${parts.filter(Boolean).join(" · ")}</span>
        ${
          moves
            ? html`${this.bar(one.title, one.done_bytes, one.total_bytes)}
                <ul>
                  ${one.files.slice(0, FILES).map(
                    (file) => html`<li>
                      <span dir="auto" class="line">${file.name}</span>${this.bar(file.name, file.done_bytes, file.total_bytes)}
                    </li>`,
                  )}
                </ul>
                ${
                  one.files.length > FILES
                    ? html`<span dir="auto" class="line">${this.t("more", { count: one.files.length - FILES })}</span>`
                    : nothing
                }`
            : html`<span dir="auto" class="line">${last}</span>`
        }
      </span>
    </li>`;
  }

  private bar(name: string, done: number, total: number | null): TemplateResult {
    const share = total ? Math.min(100, (done / total) * 100) : null;
    const amount = total
      ? `${formatBytes(this.home, done)} / ${formatBytes(this.home, total)}`
      : formatBytes(this.home, done);
    return html`<span
        class="bar"
        role="progressbar"
        aria-label=${name}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${share === null ? nothing : Math.floor(share)}
        ><i style="width:${share ?? 0}%"></i
      ></span>
      <span dir="auto" class="line amount">${amount}</span>`;
  }

  static override styles = [
    ...Card.styles,
    css`
      .scroll {
        padding-bottom: 12px;
      }
      .text > span,
      .rates span {
        display: block;
      }
      .room {
        display: flex;
        gap: 16px;
        align-items: center;
        padding: 4px 16px;
      }
      .percent {
        font-size: var(--ha-font-size-2xl, 24px);
        font-variant-numeric: tabular-nums;
      }
      .rates {
        display: flex;
        flex-wrap: wrap;
        gap: 16px;
        padding: 8px 16px;
      }
      .rates > div {
        flex: 1 1 120px;
        min-width: 0;
      }
      svg {
        display: block;
        width: 100%;
        height: 36px;
        margin-top: 4px;
        color: var(--primary-color);
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(110px, 1fr));
        gap: 8px 16px;
        margin: 0;
        padding: 8px 16px;
      }
      dt {
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-s, 12px);
      }
      dd {
        margin: 0;
      }
      .line.full {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .control {
        align-items: center;
        padding: 4px 16px 8px;
      }
      .going {
        align-items: flex-start;
      }
      .note + ul > .going:first-child {
        padding-top: 0;
      }
      .amount {
        text-align: end;
      }
      /* What nobody sees is not laid out anew each second. */
      .transfer {
        content-visibility: auto;
        contain-intrinsic-block-size: auto 96px;
      }
      .transfer ul {
        margin-top: 6px;
      }
      .transfer li span {
        display: block;
      }
    `,
  ];
}

/** A line of what was, the newest at its end; it only accompanies the number beside it. */
export function sparkline(rates: Rates[string]): TemplateResult | typeof nothing {
  const [first, last] = [rates[0], rates.at(-1)];
  if (!first || !last || first === last) return nothing;
  const [begin, end] = [first.at, last.at];
  const most = Math.max(...rates.map((one) => one.value), 1e-9);
  const points = rates.map(
    (one) =>
      `${(((one.at - begin) / (end - begin || 1)) * 100).toFixed(1)},${(30 - (one.value / most) * 28).toFixed(1)}`,
  );
  return html`<svg viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<polyline points=${points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" />`}
  </svg>`;
}
