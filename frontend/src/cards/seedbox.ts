/** The seedbox: its room, its rates, and what comes over the line. */
import { css, html, nothing, svg, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { devicesWith } from "../entities";
import { formatAgo, formatBytes, formatDuration, formatPercent, formatRate } from "../format";
import type { HomeAssistant } from "../ha";
import { type Rates, ratesOf, type Transfer, transfersOf } from "../store/model";
import { Card, form } from "../ui/base";

const NUMBERS = ["torrents", "seeding", "downloading", "paused", "errors", "ratio", "purgeable_size"];
const FILES = 5;

@customElement("showrunner-seedbox-card")
export class SeedboxCard extends Card {
  static getConfigForm() {
    return form({ name: "transfers", selector: { boolean: {} } });
  }

  /** On is what it is without being said; an editor's switch has to be told. */
  static getStubConfig(): object {
    return { transfers: true };
  }

  private get feed() {
    return transfersOf(this.home.connection, this.entry);
  }

  private get showsTransfers(): boolean {
    return this.config?.transfers !== false;
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
    return this.showsTransfers ? [this.feed, ...rates] : rates;
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
      ${this.head("seedbox")}
      <div class="scroll">
        ${clients.length === 0 ? html`<p class="note">${this.t("no_client")}</p>` : nothing}
        ${clients.map((one) => this.client(one.name, one.entities))}
        ${
          this.showsTransfers
            ? html`<h3 id="transfers">${this.t("transfers")}</h3>
                ${this.notice(this.feed, data?.available)}
                ${data?.available && data.transfers.length === 0 ? html`<p class="note">${this.t("no_transfers")}</p>` : nothing}
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

  private client(name: string, entities: Map<string, string>): TemplateResult {
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
          <span class="line">${room}${over ? ` · ${this.t("over_target")}` : ""}</span>
        </span>
      </div>
      ${this.lines(entities)}
      <dl>
        ${NUMBERS.flatMap((key) => entities.get(key) ?? []).map((id) => {
          const key = this.home.entities[id]?.translation_key ?? "";
          return html`<div><dt>${this.of("number", key)}</dt><dd>${this.said(id)}</dd></div>`;
        })}
      </dl>
    </section>`;
  }

  private lines(entities: Map<string, string>): TemplateResult {
    const rates = this.rates(entities)?.state.data;
    return html`<div class="rates">
      ${(["download_rate", "upload_rate"] as const).map((key) => {
        const id = entities.get(key);
        if (!id) return nothing;
        return html`<div>
          <span class="line">${this.of("number", key)}</span>
          <strong>${this.said(id)}</strong>
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
        <span class="name">${one.title}</span>
        <span class="line ${one.connected ? "" : "warn"}">${parts.filter(Boolean).join(" · ")}</span>
        ${
          moves
            ? html`${this.bar(one.title, one.done_bytes, one.total_bytes)}
                <ul>
                  ${one.files.slice(0, FILES).map(
                    (file) => html`<li>
                      <span class="line">${file.name}</span>${this.bar(file.name, file.done_bytes, file.total_bytes)}
                    </li>`,
                  )}
                </ul>
                ${
                  one.files.length > FILES
                    ? html`<span class="line">${this.t("more", { count: one.files.length - FILES })}</span>`
                    : nothing
                }`
            : html`<span class="line">${last}</span>`
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
      <span class="line amount">${amount}</span>`;
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
      .amount {
        text-align: end;
      }
      .transfer ul {
        margin-top: 6px;
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
