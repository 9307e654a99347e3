/** What was watched most: the movies and the series, each with how often. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { formatNumber } from "../format";
import { nameOf, topOf, type Watched } from "../store/model";
import { namesOf } from "../store/pictures";
import type { Key } from "../texts";
import { DaysCard } from "../ui/days";
import "../ui/poster";
import "./title";

const SHOWN = 10;

@customElement("showrunner-top-card")
export class TopCard extends DaysCard {
  private get feed() {
    return topOf(this.home.connection, this.entry, this.days, SHOWN);
  }

  protected override feeds() {
    return [this.feed];
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { data } = this.feed.state;
    const none = data && data.movies.length + data.series.length === 0;
    return html`<ha-card role="region" aria-label=${this.heading("top")}>
        ${this.head("top")} ${this.notice(this.feed)}
        ${none ? html`<p dir="auto" class="note">${this.t("nothing_watched", { count: this.days })}</p>` : nothing}
        <div class="lists">
          ${data?.movies.length ? this.list("top_movies", data.movies) : nothing}
          ${data?.series.length ? this.list("top_series", data.series) : nothing}
        </div>
      </ha-card>
      ${this.dialog()}`;
  }

  private list(heading: Key, ones: Watched[]): TemplateResult {
    const most = ones[0]?.count ?? 1;
    return html`<section>
      <h3 id=${heading}>${this.t(heading)}</h3>
      <ol aria-labelledby=${heading}>
        ${ones.map((one) => this.row(one, most))}
      </ol>
    </section>`;
  }

  private row(one: Watched, most: number): TemplateResult {
    return html`<li class="row">
      <button class="open" @click=${() => this.look(nameOf(one) ?? one.title)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${namesOf(one.media, one.ids)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${one.title}</span>
          <span dir="auto" class="line">${this.t("times", { count: one.count, number: formatNumber(this.home, one.count) })}</span>
          ${most > 1 ? html`<span class="bar" aria-hidden="true"><i style="width:${(one.count / most) * 100}%"></i></span>` : nothing}
        </span>
      </button>
    </li>`;
  }

  static override styles = [
    ...DaysCard.styles,
    css`
      .lists {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr));
        padding-bottom: 8px;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      section {
        min-width: 0;
      }
      .text > span {
        display: block;
      }
      .bar {
        margin-top: 4px;
      }
    `,
  ];
}
