/** A title's picture; where there is none, its name on a drawn poster, and no backdrop. Never a broken image. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { HomeAssistant } from "../ha";
import { type PictureKind, pictureOf } from "../store/pictures";

@customElement("showrunner-poster")
export class Poster extends LitElement {
  @property() name = "";
  /** Whatever changes in the house: of it a picture only needs the connection. */
  @property({
    attribute: false,
    hasChanged: (is?: HomeAssistant, was?: HomeAssistant) => is?.connection !== was?.connection,
  })
  hass?: HomeAssistant;
  @property() entry?: string;
  /** What the title goes by at the server: namesOf, namesOfItem. */
  @property() names = "";
  @property() kind: PictureKind = "poster";
  @state() private src?: string;
  @state() private broken?: string;
  private asked = "";

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("names") && !changed.has("kind") && !changed.has("entry") && !changed.has("hass"))
      return;
    const asked = `${this.kind} ${this.entry} ${this.names}`;
    if (!this.hass || (asked === this.asked && this.src)) return;
    if (asked !== this.asked) this.src = undefined;
    this.asked = asked;
    pictureOf(this.hass, this.entry, this.names, this.kind)?.then(
      (src) => {
        if (this.asked === asked) this.src = src;
      },
      () => undefined, // without an address it stays the drawn one
    );
  }

  protected override render() {
    const { src } = this;
    if (this.kind === "backdrop") return this.backdrop(src);
    // Its letters stand under the picture until that is there.
    return html`<div class="frame" aria-hidden="true">
      <span>${initials(this.name)}</span>
      ${
        !src || this.broken === src
          ? nothing
          : html`<img src=${src} alt="" loading="lazy" decoding="async" @error=${() => (this.broken = src)} />`
      }
    </div>`;
  }

  /** Only seen once it is there: most titles have one, and none is no loss. */
  private backdrop(src: string | undefined) {
    if (!src || this.broken === src) return nothing;
    return html`<img src=${src} alt="" decoding="async" @load=${() => this.toggleAttribute("shown", true)}
      @error=${() => (this.broken = src)} />`;
  }

  protected override updated(): void {
    if (!this.src || this.broken === this.src) this.removeAttribute("shown");
  }

  static override styles = css`
    :host {
      display: block;
      flex: none;
      width: var(--poster-width, 44px);
      aspect-ratio: 2 / 3;
    }
    :host([kind="backdrop"]) {
      display: none;
      width: 100%;
      aspect-ratio: 16 / 9;
      max-height: 240px;
      overflow: hidden;
      mask-image: linear-gradient(#000 55%, transparent);
    }
    :host([kind="backdrop"][shown]) {
      display: block;
    }
    .frame > * {
      grid-area: 1 / 1;
    }
    .frame img {
      min-height: 0;
    }
    .frame {
      height: 100%;
      border-radius: var(--ha-border-radius-sm, 4px);
      overflow: hidden;
      display: grid;
      place-items: center;
      background: var(--secondary-background-color);
      color: var(--secondary-text-color);
      border: 1px solid var(--divider-color);
      font-weight: var(--ha-font-weight-medium, 500);
      font-size: calc(var(--poster-width, 44px) / 3);
      user-select: none;
    }
    img {
      width: 100%;
      height: 100%;
      object-fit: cover;
      display: block;
    }
  `;
}

/** The first letters of the first two words, whatever script they are in. */
export function initials(name: string): string {
  // A year in brackets is no part of the name.
  const plain = name.replace(/\s*\(\d{4}\)$/, "");
  const words = plain.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word].find((one) => /[\p{L}\p{N}]/u.test(one)) ?? "");
  return letters.join("").toLocaleUpperCase() || "·";
}
