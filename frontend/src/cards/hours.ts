/** When people watch: a week as a map of its hours. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { formatDuration, formatHour, formatPercent, formatWeekday, weekdays } from "../format";
import { weekOf } from "../store/model";
import { DaysCard } from "../ui/days";

const HOURS = 24;
/** So many hours apart are those that are named. */
const NAMED = 6;

@customElement("showrunner-hours-card")
export class HoursCard extends DaysCard {
  @state() private viewer?: string;
  /** The hour that is looked at closely: by its day and its number. */
  @state() private day?: number;
  @state() private hour = 0;

  private get feed() {
    return weekOf(this.home.connection, this.entry, this.days, this.viewer);
  }

  protected override feeds() {
    return [this.feed];
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { data } = this.feed.state;
    const total = (data?.week ?? []).flat().reduce((sum, one) => sum + one, 0);
    return html`<ha-card role="region" aria-label=${this.heading("hours")}>
      ${this.head("hours", data ? this.chooser(data.viewers) : nothing)} ${this.notice(this.feed)}
      ${data && total === 0 ? html`<p dir="auto" class="note">${this.t("nothing_watched", { count: this.days })}</p>` : nothing}
      ${data && total > 0 ? this.map(data.week, total) : nothing}
    </ha-card>`;
  }

  private chooser(viewers: string[]): TemplateResult | typeof nothing {
    if (viewers.length < 2) return nothing;
    return html`<select aria-label=${this.t("viewer")} @change=${this.chosen}>
      <option value="">${this.t("everybody")}</option>
      ${viewers.map((one) => html`<option value=${one} ?selected=${one === this.viewer}>${one}</option>`)}
    </select>`;
  }

  private readonly chosen = (event: Event): void => {
    this.viewer = (event.target as HTMLSelectElement).value || undefined;
  };

  private map(week: number[][], total: number): TemplateResult {
    const most = Math.max(...week.flat());
    const order = weekdays(this.home);
    return html`<div class="map">
      <table role="grid" aria-label=${this.t("hours_of", { count: this.days })} @keydown=${this.moved}>
        <thead>
          <tr>
            <td></td>
            ${Array.from({ length: HOURS }, (_, hour) => {
              const name = formatHour(this.home, hour);
              const named = hour % NAMED === 0;
              return html`<th scope="col" class=${named ? "named" : ""}>
                <span class=${named ? nothing : "hidden"}>${name}</span>
              </th>`;
            })}
          </tr>
        </thead>
        <tbody>
          ${order.map(
            (day) => html`<tr>
              <th scope="row" abbr=${formatWeekday(this.home, day, "long")}>${formatWeekday(this.home, day, "short")}</th>
              ${(week[day] ?? []).map((seconds, hour) => this.cell(day, hour, seconds, most))}
            </tr>`,
          )}
        </tbody>
      </table>
      <p dir="auto" class="line full" aria-hidden="true">${this.looked(week) ?? nothing}</p>
      <p dir="auto" class="line full">${this.summary(week, most, total)}</p>
    </div>`;
  }

  private cell(day: number, hour: number, seconds: number, most: number): TemplateResult {
    // What is little is seen, too: none is another colour than a minute.
    const share = seconds > 0 ? Math.round(15 + 85 * Math.sqrt(seconds / most)) : 0;
    const first = this.day === undefined && day === weekdays(this.home)[0] && hour === 0;
    return html`<td
      tabindex=${first || (day === this.day && hour === this.hour) ? 0 : -1}
      data-at="${day} ${hour}"
      style="--share:${share}%"
      @focus=${() => this.lookAt(day, hour)}
      @pointerenter=${() => this.lookAt(day, hour)}
    ><span class="hidden">${this.amount(seconds)}</span></td>`;
  }

  private amount(seconds: number): string {
    // Seconds are nobody's habit.
    return seconds > 0
      ? formatDuration(this.home, Math.max(60, Math.round(seconds / 60) * 60))
      : this.t("none");
  }

  private lookAt(day: number, hour: number): void {
    this.day = day;
    this.hour = hour;
  }

  private place(day: number, hour: number): string {
    const hours = `${formatHour(this.home, hour)} – ${formatHour(this.home, (hour + 1) % HOURS)}`;
    return `${formatWeekday(this.home, day, "long")}, ${hours}`;
  }

  private looked(week: number[][]): string | undefined {
    if (this.day === undefined) return undefined;
    return `${this.place(this.day, this.hour)}: ${this.amount(week[this.day]?.[this.hour] ?? 0)}`;
  }

  private summary(week: number[][], most: number, total: number): string {
    const day = week.findIndex((hours) => hours.includes(most));
    const place = this.place(day, week[day]?.indexOf(most) ?? 0);
    return this.t("hours_summary", {
      count: this.days,
      time: this.amount(total),
      place,
      share: formatPercent(this.home, (most / total) * 100),
    });
  }

  /** Arrows move as they point, in whichever direction the page is read. */
  private readonly moved = (event: KeyboardEvent): void => {
    const order = weekdays(this.home);
    const ahead = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const at = order.indexOf(this.day ?? order[0] ?? 0);
    const [across, down] =
      {
        ArrowRight: [ahead, 0],
        ArrowLeft: [-ahead, 0],
        ArrowDown: [0, 1],
        ArrowUp: [0, -1],
        Home: [-HOURS, 0],
        End: [HOURS, 0],
      }[event.key] ?? [];
    if (across === undefined || down === undefined) return;
    event.preventDefault();
    const day = order[Math.min(order.length - 1, Math.max(0, at + down))];
    const hour = Math.min(HOURS - 1, Math.max(0, this.hour + across));
    this.renderRoot.querySelector<HTMLElement>(`[data-at="${day} ${hour}"]`)?.focus();
  };

  static override styles = [
    ...DaysCard.styles,
    css`
      .map {
        padding: 0 16px 16px;
      }
      select {
        height: 40px;
        max-width: 50%;
        padding: 0 12px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
      }
      table {
        width: 100%;
        table-layout: fixed;
        border-collapse: separate;
        border-spacing: 2px;
      }
      thead td,
      tbody th {
        width: 44px;
      }
      th {
        padding: 0;
        text-align: start;
        font-size: var(--ha-font-size-s, 12px);
        font-weight: normal;
        color: var(--secondary-text-color);
        white-space: nowrap;
      }
      thead th span {
        display: block;
        width: 0;
        overflow: visible;
      }
      tbody td {
        position: relative;
        height: 26px;
        padding: 0;
        border-radius: 3px;
        background: color-mix(in srgb, var(--primary-color) var(--share), var(--secondary-background-color));
      }
      td:focus-visible {
        outline-offset: 0;
        z-index: 1;
      }
      p {
        margin: 8px 0 0;
        min-height: 1.4em;
      }
      .line.full {
        white-space: normal;
      }
    `,
  ];
}
