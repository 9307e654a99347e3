/** A dialog over everything: closed by Escape, by its button, and by a tap beside it. */
import { css, html, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { Base } from "./base";

export abstract class Dialog extends Base {
  @property() entryId?: string;

  protected override get entry(): string | undefined {
    return this.entryId;
  }

  protected override firstUpdated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    // What is drawn without a browser's own dialogs is shown all the same.
    if (dialog?.showModal) dialog.showModal();
    else dialog?.setAttribute("open", "");
  }

  protected frame(heading: string, content: unknown, foot: unknown): TemplateResult {
    return html`<dialog
      aria-labelledby="heading"
      @close=${() => this.dispatchEvent(new CustomEvent("closed"))}
      @click=${(event: Event) => event.target === event.currentTarget && this.close()}
    >
      <div class="frame">
        <div class="head">
          <h2 id="heading">${heading}</h2>
          <button class="button" @click=${() => this.close()} aria-label=${this.t("close")}>✕</button>
        </div>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="heading">${content}</div>
        ${this.complaint()}
        <div class="foot actions">${foot}</div>
      </div>
    </dialog>`;
  }

  protected close(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  static override styles = [
    ...Base.styles,
    css`
      dialog {
        width: min(640px, calc(100vw - 32px));
        max-height: min(860px, calc(100dvh - 32px));
        padding: 0;
        border: 0;
        border-radius: var(--ha-card-border-radius, 12px);
        background: var(--ha-dialog-surface-background, var(--card-background-color));
        color: var(--primary-text-color);
        box-shadow: var(--ha-card-box-shadow, 0 8px 32px rgba(0, 0, 0, 0.3));
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
      }
      dialog::backdrop {
        background: rgba(0, 0, 0, 0.5);
      }
      .frame {
        display: flex;
        flex-direction: column;
        flex: 1;
        min-width: 0;
        max-height: inherit;
      }
      /* Else the frame cuts its outline off. */
      .scroll:focus-visible {
        outline-offset: -2px;
      }
      .foot {
        padding: 8px 16px 16px;
      }
      .foot:empty {
        padding: 0;
      }
      @media (max-width: 600px) {
        dialog {
          width: 100vw;
          max-width: 100vw;
          height: 100dvh;
          max-height: 100dvh;
          border-radius: 0;
        }
      }
    `,
  ];
}
