/** What all cards look like: Home Assistant's own theme variables, and nothing of ours. */
import { css } from "lit";

export const styles = css`
  :host {
    --row-gap: 12px;
    color: var(--primary-text-color);
  }
  * {
    box-sizing: border-box;
  }
  ha-card {
    height: 100%;
    display: flex;
    flex-direction: column;
    overflow: hidden;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 16px 16px 8px;
  }
  h2 {
    flex: 1;
    margin: 0;
    font-size: var(--ha-font-size-xl, 20px);
    font-weight: var(--ha-font-weight-normal, 400);
    line-height: 1.3;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  h3 {
    margin: 0;
    padding: 12px 16px 4px;
    font-size: var(--ha-font-size-m, 14px);
    font-weight: var(--ha-font-weight-medium, 500);
    color: var(--secondary-text-color);
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
    border: 0;
    background: none;
    padding: 0;
    text-align: start;
  }
  .button {
    min-height: 36px;
    padding: 0 12px;
    border-radius: var(--ha-border-radius-md, 8px);
    background: var(--secondary-background-color);
    color: var(--primary-text-color);
    font-size: var(--ha-font-size-m, 14px);
    font-weight: var(--ha-font-weight-medium, 500);
    white-space: nowrap;
  }
  .button.main {
    background: var(--ha-color-fill-primary-normal-resting, var(--secondary-background-color));
  }
  .button.danger {
    background: var(--ha-color-fill-danger-normal-resting, var(--secondary-background-color));
    color: var(--ha-color-on-danger-normal, var(--error-color));
  }
  .button[disabled] {
    opacity: 0.5;
    cursor: default;
  }
  :is(button, select, input, a, [tabindex]):focus-visible {
    outline: 2px solid var(--primary-color);
    outline-offset: 2px;
  }
  .row {
    display: flex;
    align-items: center;
    gap: var(--row-gap);
    padding: 6px 16px;
    width: 100%;
    min-width: 0;
  }
  .open {
    display: flex;
    flex: 1;
    align-items: center;
    gap: var(--row-gap);
    min-width: 0;
    border-radius: var(--ha-border-radius-md, 8px);
  }
  .text {
    flex: 1;
    min-width: 0;
  }
  .name,
  .line {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* A name is read in its own direction and cut at its own end, on the side where all others are. */
  :is(.name, .line, .note)[dir] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .name {
    font-weight: var(--ha-font-weight-medium, 500);
  }
  .line {
    color: var(--secondary-text-color);
    font-size: var(--ha-font-size-s, 12px);
    line-height: 1.4;
  }
  .side {
    text-align: end;
    font-size: var(--ha-font-size-s, 12px);
    color: var(--secondary-text-color);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .warn {
    color: var(--ha-color-on-danger-normal, var(--error-color));
  }
  .note {
    margin: 0;
    padding: 8px 16px 16px;
    color: var(--secondary-text-color);
  }
  /* Grey, and as easy to read: what is paler too is lost on who sees little. */
  .old {
    filter: grayscale(1);
  }
  .badge {
    padding: 2px 8px;
    border-radius: 999px;
    font-size: var(--ha-font-size-s, 12px);
    background: var(--secondary-background-color);
    color: var(--primary-text-color);
    white-space: nowrap;
  }
  .bar {
    height: 6px;
    border-radius: 3px;
    background: var(--divider-color);
    overflow: hidden;
  }
  .bar > i {
    display: block;
    height: 100%;
    border-radius: inherit;
    background: var(--primary-color);
  }
  .bar.warn > i {
    background: var(--error-color);
  }
  .findings li {
    display: flex;
    gap: 8px;
    padding: 2px 0;
    overflow-wrap: anywhere;
  }
  .mark {
    flex: none;
    width: 1.2em;
    text-align: center;
    font-weight: var(--ha-font-weight-medium, 500);
  }
  .mark.yes {
    color: var(--ha-color-on-success-normal, var(--success-color));
  }
  /* No is an answer, and often the good one; what nobody knows is what stands out. */
  .mark.no {
    color: var(--secondary-text-color);
  }
  .mark.unknown {
    color: var(--ha-color-on-warning-normal, var(--warning-color));
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .scroll {
    overflow-y: auto;
    overscroll-behavior: contain;
    flex: 1;
    min-height: 0;
  }
  /* What a finger has to hit. */
  @media (pointer: coarse) {
    :is(.button, .open, select, summary, input:not([type="checkbox"])) {
      min-height: 44px;
    }
    .button {
      min-width: 44px;
    }
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
