/**
 * `<jb-face>`: a person's face with their presence at its foot: their photo where there is one that the reader
 * may see, else initials on a colour that belongs to the person's id, the same on every screen and in every host.
 */
import '../icon/presence-icon.ts';
import { css, html, LitElement, nothing, unsafeCSS } from 'lit';
import { onPhotos, photoUrl } from '../client/photos.ts';
import type { Shown } from '../client/presence-store.ts';
import { initialsOf, paletteOf } from './person-text.ts';
import { baseStyles } from './styles.ts';
import { avatarPalettes } from './tokens.ts';

const palettes = avatarPalettes
  .map(
    (name, index) =>
      `.p${index}{background:var(--colorPalette${name}Background2);color:var(--colorPalette${name}Foreground2)}`,
  )
  .join('');

/** Fluent's icon sizes beside its avatar sizes. */
const iconSizeFor = (size: number) => (size >= 64 ? 20 : size >= 48 ? 16 : size >= 28 ? 12 : 10);

export class Face extends LitElement {
  static override properties = {
    name: {},
    personId: {},
    size: { type: Number },
    shown: { attribute: false },
  };
  declare name: string;
  declare personId: string;
  declare size: number;
  /** Presence to show; without it the face is only a face, as in a row of readers. */
  declare shown: Shown | null;

  constructor() {
    super();
    this.name = '';
    this.personId = '';
    this.size = 32;
    this.shown = null;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: inline-block;
        position: relative;
        flex: none;
        line-height: 0;
      }
      .face {
        display: grid;
        place-items: center;
        width: 100%;
        height: 100%;
        border-radius: 50%;
        font-weight: var(--fontWeightSemibold);
        line-height: 1;
        user-select: none;
      }
      .s16 { width: 16px; height: 16px; font-size: 7px; }
      .s20 { width: 20px; height: 20px; font-size: 8px; }
      .s24 { width: 24px; height: 24px; font-size: 9px; }
      .s28 { width: 28px; height: 28px; font-size: 10px; }
      .s32 { width: 32px; height: 32px; font-size: 12px; }
      .s40 { width: 40px; height: 40px; font-size: 14px; }
      .s56 { width: 56px; height: 56px; font-size: 20px; }
      .s64 { width: 64px; height: 64px; font-size: 22px; }
      img {
        width: 100%;
        height: 100%;
        border-radius: 50%;
        object-fit: cover;
      }
      presence-icon {
        position: absolute;
        right: -2px;
        bottom: -2px;
        background: var(--jb-surface, var(--colorNeutralBackground1));
        box-shadow: 0 0 0 2px var(--jb-surface, var(--colorNeutralBackground1));
      }
      :host(:dir(rtl)) presence-icon {
        right: auto;
        left: -2px;
      }
      @media (forced-colors: active) {
        .face {
          border: 1px solid CanvasText;
        }
      }
      ${unsafeCSS(palettes)}
    `,
  ];

  #unsubscribe: (() => void) | null = null;
  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = onPhotos(() => this.requestUpdate());
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
  }

  override render() {
    const { shown } = this;
    const photo = photoUrl(this.personId);
    return html`<span class="face s${this.size} p${paletteOf(this.personId || this.name)}" aria-hidden="true"
        >${photo ? html`<img src=${photo} alt= />` : initialsOf(this.name)}</span
      >${
        shown
          ? html`<presence-icon
              availability=${shown.availability}
              ?out-of-office=${shown.freshness !== 'unknown' && shown.view?.outOfOffice != null}
              ?stale=${shown.freshness === 'stale'}
              size=${iconSizeFor(this.size)}
              label=""
            ></presence-icon>`
          : nothing
      }`;
  }
}
if (!customElements.get('jb-face')) customElements.define('jb-face', Face);
