/** A plan: its steps with their grounds, what is left out and why; to be applied, followed and undone. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { serviceName } from "../entities";
import { formatBytes, formatMoment, formatNumber, formatTold } from "../format";
import { type FollowedPlan, type Plan, planOf, type Step } from "../store/model";
import { Dialog } from "../ui/dialog";
import { findings } from "../ui/findings";

/** So many steps are drawn; a plan of thousands is applied as a whole. */
const SHOWN = 200;

@customElement("showrunner-plan")
export class PlanDialog extends Dialog {
  @property() planId = "";
  @state() private left = new Set<string>();
  /** What somebody is asked to confirm: all of it, or the undoing of one change. */
  @state() private asking?: "apply" | Step;

  private get feed() {
    return planOf(this.home.connection, this.entry, this.planId);
  }

  protected override feeds() {
    return [this.feed];
  }

  protected override render() {
    if (!this.hass) return nothing;
    const followed = this.feed.state.data;
    const plan = followed?.plan;
    const heading = plan ? this.of("job", plan.job) : this.t("plan");
    const content = html`${this.notice(this.feed, followed?.available)}${plan ? this.content(plan, followed) : nothing}`;
    return this.frame(heading, content, plan && followed ? this.foot(plan, followed) : nothing);
  }

  private content(plan: Plan, followed: FollowedPlan): TemplateResult {
    const { totals } = plan;
    const ended = (totals.done ?? 0) + (totals.skipped ?? 0) + (totals.failed ?? 0);
    const all = ended + (totals.planned ?? 0);
    return html`
      <p dir="auto" class="note made">
        ${this.t("made", { when: formatMoment(this.home, new Date(plan.created_at)) })}
        ${plan.dry_run ? html`<span dir="auto" class="badge">${this.t("dry_run")}</span>` : nothing}
        ${followed.running ? html`<span dir="auto" class="badge">${this.t(plan.paused ? "paused" : "running")}</span>` : nothing}
      </p>
      ${
        followed.running || ended
          ? html`<div class="pad">
              <div
                class="bar"
                role="progressbar"
                aria-label=${this.t("progress")}
                aria-valuemin="0"
                aria-valuemax=${all}
                aria-valuenow=${ended}
              >
                <i style="width:${all ? (ended / all) * 100 : 0}%"></i>
              </div>
            </div>`
          : nothing
      }
      <p dir="auto" class="note" role="status">${this.summed(plan)}</p>
      ${plan.steps.length === 0 ? html`<p dir="auto" class="note">${this.t("no_steps")}</p>` : nothing}
      <ul class="steps">
        ${plan.steps.slice(0, SHOWN).map((step) => this.step(step, plan, followed.running))}
      </ul>
      ${
        plan.steps.length > SHOWN
          ? html`<p dir="auto" class="note">${this.t("more", { count: plan.steps.length - SHOWN })}</p>`
          : nothing
      }
      ${this.leftOut(plan)}
    `;
  }

  private summed(plan: Plan): string {
    const parts = (["planned", "done", "skipped", "failed", "cut"] as const)
      .filter((state) => plan.totals[state])
      .map((state) => `${this.of("step", state)}: ${formatNumber(this.home, plan.totals[state] ?? 0)}`);
    const freed = plan.totals.bytes_freed || plan.totals.bytes;
    if (freed) parts.push(formatBytes(this.home, freed));
    return parts.join(" · ");
  }

  private step(step: Step, plan: Plan, running: boolean): TemplateResult {
    const open = step.state === "planned" && this.mayApply(plan, running);
    return html`<li class="step ${step.state}">
      ${
        open
          ? html`<label class="hit"
              ><input
                type="checkbox"
                .checked=${!this.left.has(step.id)}
                aria-label=${this.t("choose", { title: step.title })}
                @change=${() => this.choose(step.id)}
            /></label>`
          : html`<span dir="auto" class="badge ${step.state === "failed" ? "warn" : ""}">${this.of("step", step.state)}</span>`
      }
      <details>
        <summary>
          <span dir="auto" class="name">${step.title}</span>
          <span dir="auto" class="line">
            ${this.about(step)}
          </span>
          ${step.detail ? html`<span dir="auto" class="line ${step.state === "failed" ? "warn" : ""}">${step.detail}</span>` : nothing}
        </summary>
        ${step.reasons.map((reason) => html`<p dir="auto" class="line full">${formatTold(this.home, reason)}</p>`)}
        ${step.target.path ? html`<p dir="auto" class="line full path">${step.target.path}</p>` : nothing}
        ${findings(this.home, step.findings)}
      </details>
      ${
        this.admin && step.state === "done" && step.undo !== "none" && step.ledger_id !== null
          ? html`<button class="button" ?disabled=${this.busy} @click=${() => (this.asking = step)}>
              <bdi>${this.t("undo")}</bdi>
            </button>`
          : nothing
      }
    </li>`;
  }

  /** What it does, where, and how much it is. */
  private about(step: Step): string {
    const service = serviceName(this.home, step.target.service) ?? "";
    const bytes = step.bytes ? formatBytes(this.home, step.bytes) : "";
    return [this.of("action", step.action), service, bytes].filter(Boolean).join(" · ");
  }

  private leftOut(plan: Plan): TemplateResult | typeof nothing {
    if (!plan.left_out_count) return nothing;
    return html`<details class="pad">
      <summary><bdi>${this.t("left_out", { count: plan.left_out_count })}</bdi></summary>
      <ul>
        ${plan.left_out.map(
          (one) =>
            html`<li class="out">
              <span dir="auto" class="name">${one.title}</span><span dir="auto" class="line full ${one.unknown ? "warn" : ""}">${formatTold(this.home, one.reason)}</span>
            </li>`,
        )}
      </ul>
      ${
        plan.left_out_count > plan.left_out.length
          ? html`<p dir="auto" class="line">${this.t("more", { count: plan.left_out_count - plan.left_out.length })}</p>`
          : nothing
      }
    </details>`;
  }

  private mayApply(plan: Plan, running: boolean): boolean {
    return (
      this.admin && !running && (plan.totals.planned ?? 0) > 0 && Date.parse(plan.expires_at) > Date.now()
    );
  }

  private choose(id: string): void {
    const left = new Set(this.left);
    if (!left.delete(id)) left.add(id);
    this.left = left;
  }

  private chosen(plan: Plan): Step[] {
    return plan.steps.filter((step) => step.state === "planned" && !this.left.has(step.id));
  }

  private foot(plan: Plan, followed: FollowedPlan): TemplateResult | typeof nothing {
    if (!this.admin) return nothing;
    if (this.asking) return this.confirm(plan, this.asking);
    if (followed.running) {
      return html`<button class="button" @click=${() => this.tell(plan.paused ? "resume" : "pause")}>
          ${this.t(plan.paused ? "resume" : "pause")}
        </button>
        <button class="button danger" @click=${() => this.tell("cancel")}>${this.t("cancel")}</button>`;
    }
    if (!this.mayApply(plan, followed.running)) {
      const late = (plan.totals.planned ?? 0) > 0;
      return late ? html`<span dir="auto" class="line">${this.t("expired")}</span>` : nothing;
    }
    const count = this.chosen(plan).length;
    return html`<button
      class="button main"
      ?disabled=${this.busy || count === 0}
      @click=${() => (this.asking = "apply")}
    >
      <bdi>${this.t("apply", { count })}</bdi>
    </button>`;
  }

  /** Nothing is changed by one tap: what it is about is said first, with how much. */
  private confirm(plan: Plan, what: "apply" | Step): TemplateResult {
    const steps = this.chosen(plan);
    const bytes = formatBytes(
      this.home,
      steps.reduce((sum, step) => sum + (step.bytes ?? 0), 0),
    );
    const question =
      what === "apply"
        ? this.t("sure_apply", { count: steps.length, bytes })
        : this.t("sure_undo", { title: what.title });
    return html`<span class="question" role="alert"><bdi>${question}</bdi></span>
      <button class="button danger" ?disabled=${this.busy} @click=${() => this.carryOut(plan, what)}>
        ${this.t(what === "apply" ? "yes_apply" : "yes_undo")}
      </button>
      <button class="button" @click=${() => (this.asking = undefined)}>${this.t("back")}</button>`;
  }

  private async carryOut(plan: Plan, what: "apply" | Step): Promise<void> {
    this.asking = undefined;
    const entry = this.entry ? { config_entry_id: this.entry } : {};
    if (what === "apply") {
      // All of it is said by leaving the steps out; some are named.
      const steps = this.left.size ? { steps: this.chosen(plan).map((step) => step.id) } : {};
      const message = { type: "showrunner/plans/apply", ...entry, plan_id: plan.plan_id, ...steps };
      await this.act((hass) => hass.callWS({ ...message, dry_run: false, confirm: true }));
    } else {
      await this.action("undo", { ledger_id: what.ledger_id, dry_run: false, confirm: true });
    }
    this.feed.refresh();
  }

  private tell(what: "pause" | "resume" | "cancel"): Promise<boolean> {
    const entry = this.entry ? { config_entry_id: this.entry } : {};
    return this.act((hass) =>
      hass.callWS({ type: `showrunner/plans/${what}`, ...entry, plan_id: this.planId }),
    );
  }

  static override styles = [
    ...Dialog.styles,
    css`
      .pad {
        padding: 0 16px 8px;
      }
      .made {
        padding-bottom: 0;
      }
      .step {
        display: flex;
        align-items: flex-start;
        gap: 12px;
        padding: 8px 16px;
        border-top: 1px solid var(--divider-color);
      }
      /* 44 px around a box of 20, up to the edges of its row. */
      .hit {
        flex: none;
        padding: 12px;
        margin: -8px -12px;
        cursor: pointer;
      }
      .hit input {
        display: block;
        width: 20px;
        height: 20px;
        margin: 0;
        accent-color: var(--primary-color);
      }
      details {
        flex: 1;
        min-width: 0;
      }
      summary {
        cursor: pointer;
      }
      .step summary {
        list-style: none;
      }
      .step summary::-webkit-details-marker {
        display: none;
      }
      .step summary .name::after {
        content: " ▾";
        color: var(--secondary-text-color);
      }
      .step details[open] summary .name::after {
        content: " ▴";
      }
      .step p {
        margin: 4px 0;
      }
      summary span {
        display: block;
      }
      .name,
      .line.full,
      summary .line {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .path {
        font-family: var(--ha-font-family-code, monospace);
      }
      .skipped .name,
      .cut .name {
        color: var(--secondary-text-color);
      }
      .out {
        padding: 6px 0;
      }
      .out span {
        display: block;
      }
      .question {
        flex: 1 1 100%;
      }
      .findings {
        font-size: var(--ha-font-size-s, 12px);
      }
    `,
  ];
}
