/** What leaves and when, to be kept or put off; and the plans that are carried out. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { dayOf, formatAgo, formatBytes, formatDay, formatNumber, formatTold } from "../format";
import { type Leaving, leavingOf, nameOf, type PlanSummary, plansOf } from "../store/model";
import { namesOf } from "../store/pictures";
import { Card, form } from "../ui/base";
import "../ui/poster";
import "./plan";
import "./title";

const POSTPONED_DAYS = 30;

/** The days on which something leaves, the first first, each with what leaves then. */
export function byDay<T extends { leaves_at: string }>(
  list: T[],
  day: (at: Date) => string,
): [string, T[]][] {
  const days = new Map<string, T[]>();
  for (const one of [...list].sort((a, b) => a.leaves_at.localeCompare(b.leaves_at))) {
    const key = day(new Date(one.leaves_at));
    days.set(key, [...(days.get(key) ?? []), one]);
  }
  return [...days];
}

/** Each of these plans is about something of its own; of any other job a new plan replaces the one before. */
const APART = new Set(["download", "delete_request", "undo", "torrents"]);

/** Whether somebody has to say something to it: it was shown, and is neither carried out nor too old. */
const waits = (plan: PlanSummary, now: number): boolean =>
  (plan.totals.planned ?? 0) > 0 && !plan.waiting && Date.parse(plan.expires_at) > now;

/** What goes on, then what waits for an answer, the newest first; and all other plans. */
export function sorted(plans: PlanSummary[], now = Date.now()): [PlanSummary[], PlanSummary[]] {
  const goesOn = plans.filter((plan) => plan.running || (plan.waiting ?? 0) > 0);
  const told = new Set<string>();
  const asks = plans.filter((plan) => {
    if (goesOn.includes(plan) || told.has(plan.job)) return false;
    // Whatever it says, the newest plan of a job is how things stand.
    if (!APART.has(plan.job)) told.add(plan.job);
    return waits(plan, now);
  });
  const first = [...goesOn, ...asks];
  return [first, plans.filter((plan) => !first.includes(plan))];
}

@customElement("showrunner-leaving-card")
export class LeavingCard extends Card {
  @state() private plan?: string;

  static getConfigForm() {
    return form({ name: "plans", selector: { boolean: {} } });
  }

  /** On is what it is without being said; an editor's switch has to be told. */
  static getStubConfig(): object {
    return { plans: true };
  }

  private get feed() {
    return leavingOf(this.home.connection, this.entry);
  }

  private get plans() {
    return plansOf(this.home.connection, this.entry);
  }

  private get showsPlans(): boolean {
    return this.config?.plans !== false;
  }

  protected override feeds() {
    return this.showsPlans ? [this.feed, this.plans] : [this.feed];
  }

  protected override render() {
    if (!this.hass || !this.config) return nothing;
    const { data } = this.feed.state;
    return html`<ha-card role="region" aria-label=${this.heading("leaving")}>
        ${this.head("leaving", data?.count ? html`<span dir="auto" class="badge">${this.summed(data.leaving ?? [], data.count)}</span>` : nothing)}
        ${this.complaint()} ${this.notice(this.feed)}
        <div class="scroll">
          ${this.showsPlans ? this.planList() : nothing} ${data ? this.list(data.leaving, data.count) : nothing}
        </div>
      </ha-card>
      ${this.dialog()}
      ${
        this.plan
          ? html`<showrunner-plan
              .hass=${this.hass}
              .entryId=${this.entry}
              .planId=${this.plan}
              @closed=${() => this.planClosed()}
            ></showrunner-plan>`
          : nothing
      }`;
  }

  private planClosed(): void {
    this.plan = undefined;
    this.plans.refresh();
    this.feed.refresh();
  }

  private summed(list: Leaving[], count: number): string {
    const bytes = list.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    const number = this.t("count", { count, number: formatNumber(this.home, count) });
    return bytes ? `${number} · ${formatBytes(this.home, bytes)}` : number;
  }

  private list(list: Leaving[] | null, count: number | null): TemplateResult {
    // Nobody has looked is something else than: nothing leaves.
    if (list === null) return html`<p dir="auto" class="note">${this.t("nobody_looked")}</p>`;
    if (list.length === 0) return html`<p dir="auto" class="note">${this.t("nothing_leaves")}</p>`;
    const rest = (count ?? 0) - list.length;
    return html`${byDay(list, (at) => dayOf(this.home, at)).map(
      ([day, ones]) =>
        html`<h3 id="day-${day}">${formatDay(this.home, new Date(ones[0]?.leaves_at ?? day))}</h3>
          <ul aria-labelledby="day-${day}">
            ${ones.map((one) => this.row(one))}
          </ul>`,
    )}
    ${rest > 0 ? html`<p dir="auto" class="note">${this.t("more", { count: rest })}</p>` : nothing}`;
  }

  private row(one: Leaving): TemplateResult {
    const parts = [
      one.season === null ? "" : this.t("season", { number: one.season }),
      one.bytes === null ? this.t("size_unknown") : formatBytes(this.home, one.bytes),
    ];
    return html`<li class="row">
      <button class="open" @click=${() => this.look(nameOf(one))}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${one.title} .names=${namesOf(one.media, one.ids)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${one.title}</span>
          <span dir="auto" class="line">${parts.filter(Boolean).join(" · ")}</span>
          ${one.reasons.length ? html`<span dir="auto" class="line why">${formatTold(this.home, one.reasons.join(" "))}</span>` : nothing}
        </span>
      </button>
      ${
        this.admin
          ? html`<span class="actions">
              <button
                class="button"
                ?disabled=${this.busy}
                aria-label=${this.t("postpone_title", { title: one.title, count: POSTPONED_DAYS })}
                @click=${() => this.keep(one, POSTPONED_DAYS)}
              >
                <bdi>${this.t("postpone", { count: POSTPONED_DAYS })}</bdi>
              </button>
              <button
                class="button main"
                ?disabled=${this.busy}
                aria-label=${this.t("keep_title", { title: one.title })}
                @click=${() => this.keep(one)}
              >
                ${this.t("keep")}
              </button>
            </span>`
          : nothing
      }
    </li>`;
  }

  private async keep(one: Leaving, days?: number): Promise<void> {
    const season = one.season === null ? {} : { season: one.season };
    const title = nameOf(one);
    if (!title) return;
    if (await this.action(days ? "postpone" : "keep", { title, ...season, ...(days ? { days } : {}) })) {
      this.feed.refresh();
    }
  }

  /** Before all titles: who has hundreds of them would not find what waits for an answer. */
  private planList(): TemplateResult | typeof nothing {
    const { data } = this.plans.state;
    if (!data) return this.notice(this.plans);
    if (data.plans.length === 0) return html`<p dir="auto" class="note">${this.t("no_plans")}</p>`;
    const [first, rest] = sorted(data.plans);
    return html`${
      first.length
        ? html`<ul class="first" aria-label=${this.t("plans")}>
            ${first.map((plan) => this.firstRow(plan))}
          </ul>`
        : nothing
    }
    ${
      rest.length
        ? html`<details>
            <summary><bdi>${this.t("earlier_plans", { count: rest.length })}</bdi></summary>
            <ul>
              ${rest.map((plan) => this.planRow(plan))}
            </ul>
          </details>`
        : nothing
    }`;
  }

  /** One line: what it is, how much, and that somebody has to answer or how far it is. */
  private firstRow(plan: PlanSummary): TemplateResult {
    const { totals } = plan;
    const goesOn = plan.running || (plan.waiting ?? 0) > 0;
    const ended = (totals.done ?? 0) + (totals.skipped ?? 0) + (totals.failed ?? 0);
    const all = ended + (totals.planned ?? 0);
    const count = goesOn ? all : (totals.planned ?? 0);
    const number = formatNumber(this.home, count);
    const parts = [
      goesOn
        ? this.t("steps_of", { done: formatNumber(this.home, ended), all: number })
        : this.t("steps", { count, number }),
      totals.bytes ? formatBytes(this.home, totals.bytes) : "",
    ];
    const stands = goesOn ? (plan.paused ? "paused" : "running") : this.admin ? "waits_for_you" : "waits";
    return html`<li class="row">
      <button class="open" @click=${() => (this.plan = plan.plan_id)}>
        <span class="text">
          <span dir="auto" class="name">${this.of("job", plan.job)}</span>
          <span dir="auto" class="line">${parts.filter(Boolean).join(" · ")}</span>
        </span>
        <span dir="auto" class="badge">${this.t(stands)}</span>
      </button>
    </li>`;
  }

  private planRow(plan: PlanSummary): TemplateResult {
    const titles = (plan.titles ?? []).slice(0, 3).join(", ");
    const more = (plan.title_count ?? 0) - 3;
    const counts = (["planned", "done", "skipped", "failed"] as const)
      .filter((state) => plan.totals[state])
      .map((state) => `${this.of("step", state)}: ${formatNumber(this.home, plan.totals[state] ?? 0)}`);
    const bytes = plan.totals.bytes_freed || plan.totals.bytes;
    const about = [...counts, bytes ? formatBytes(this.home, bytes) : ""].filter(Boolean).join(" · ");
    return html`<li class="row">
      <button class="open" @click=${() => (this.plan = plan.plan_id)}>
        <span class="text">
          <span dir="auto" class="name">${this.of("job", plan.job)}</span>
          <span dir="auto" class="line">${titles}${more > 0 ? ` +${more}` : ""}</span>
          <span dir="auto" class="line ${plan.totals.failed ? "warn" : ""}">${about || this.t("no_steps")}</span>
        </span>
        <span class="side">
          ${formatAgo(this.home, new Date(plan.created_at))}<br />
          ${plan.dry_run ? html`<span dir="auto" class="badge">${this.t("dry_run")}</span>` : nothing}
        </span>
      </button>
    </li>`;
  }

  static override styles = [
    ...Card.styles,
    css`
      .scroll {
        max-height: 640px;
        padding-bottom: 8px;
      }
      .text > span {
        display: block;
      }
      .row {
        flex-wrap: wrap;
      }
      .open {
        align-items: flex-start;
        flex-basis: 200px;
      }
      .row > .actions {
        margin-inline-start: auto;
      }
      .first .row {
        background: var(--secondary-background-color);
        margin-bottom: 4px;
      }
      .first .open {
        align-items: center;
      }
      .first .badge {
        background: var(--card-background-color);
      }
      details {
        padding-bottom: 4px;
      }
      summary {
        cursor: pointer;
        padding: 8px 16px;
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-m, 14px);
        font-weight: var(--ha-font-weight-medium, 500);
      }
      .why {
        white-space: normal;
        overflow-wrap: anywhere;
      }
    `,
  ];
}
