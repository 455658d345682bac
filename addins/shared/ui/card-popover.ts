/**
 * `<jb-card-popover>`: the card as a floating surface beside the row that it belongs to, never over it. One per
 * page: `show(anchor, personId)`; rows of the same screen over which a pointer rests get it by themselves. Escape and a click elsewhere close it (the platform's popover), and the
 * focus returns to the anchor.
 */
import { css, html, LitElement } from 'lit';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { placeBeside } from './place.ts';
import { baseStyles, floatingStyles } from './styles.ts';

/** The card itself comes once the page stands: nobody needs it to see the first icon. */
const loadCard = (): Promise<unknown> => import('./contact-card.ts');

/** Long enough to bring the pointer from the row to the card. */
const leaveMs = 300;

export class CardPopover extends LitElement {
  static override properties = { client: { attribute: false }, personId: { state: true } };
  declare client: Client | null;
  declare personId: string;
  #anchor: HTMLElement | null = null;

  constructor() {
    super();
    this.client = null;
    this.personId = '';
  }

  static override styles = [
    baseStyles,
    floatingStyles,
    css`
      :host {
        display: contents;
      }
      [popover] {
        width: min(320px, calc(100vw - 16px));
      }
    `,
  ];

  /** Shown because a pointer rests on a row: it takes no focus and goes with the pointer. */
  #isPeeking = false;
  #leaving: ReturnType<typeof setTimeout> | null = null;
  #screen: Node | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    // Without the server there is no card; the next look tries again.
    loadCard().catch(() => {});
    this.#screen = this.getRootNode();
    this.#screen.addEventListener('jb-peek', this.#onPeek as EventListener);
    this.#screen.addEventListener('jb-unpeek', this.#onUnpeek);
    this.#screen.addEventListener('jb-pick', this.#onPick);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#screen?.removeEventListener('jb-peek', this.#onPeek as EventListener);
    this.#screen?.removeEventListener('jb-unpeek', this.#onUnpeek);
    this.#screen?.removeEventListener('jb-pick', this.#onPick);
    this.#stay();
  }

  #onPeek = (event: CustomEvent<{ personId: string; anchor: HTMLElement }>) => {
    const isOpen = this.#surface?.matches(':popover-open') === true;
    if (isOpen && !this.#isPeeking) return;
    this.#stay();
    this.#isPeeking = true;
    this.#open(event.detail.anchor, event.detail.personId);
  };
  #onUnpeek = () => {
    if (!this.#isPeeking) return;
    this.#stay();
    this.#leaving = setTimeout(() => this.#isPeeking && this.hide(), leaveMs);
  };
  #onPick = () => {
    if (this.#isPeeking) this.hide();
  };
  /** The pointer is on the card, or the focus in it: it stays. */
  #stay = () => {
    if (this.#leaving !== null) clearTimeout(this.#leaving);
    this.#leaving = null;
  };

  show(anchor: HTMLElement, personId: string): void {
    this.#isPeeking = false;
    this.#open(anchor, personId);
  }

  #open(anchor: HTMLElement, personId: string): void {
    this.#anchor = anchor;
    this.personId = personId;
    void this.#unfold(anchor, personId).catch(() => {});
  }

  async #unfold(anchor: HTMLElement, personId: string): Promise<void> {
    await Promise.all([loadCard(), this.updateComplete]);
    const surface = this.#surface;
    // The pointer may have gone on while the card was on its way.
    if (!surface || this.personId !== personId) return;
    if (!surface.matches(':popover-open')) surface.showPopover();
    await surface.querySelector('jb-card')?.updateComplete;
    placeBeside(surface, anchor.getBoundingClientRect(), 'side');
    if (!this.#isPeeking) surface.focus();
  }

  hide(): void {
    if (this.#surface?.matches(':popover-open')) this.#surface.hidePopover();
    else this.personId = '';
  }

  get #surface(): HTMLElement | null {
    return this.renderRoot.querySelector('[popover]');
  }

  #onToggle = (event: ToggleEvent) => {
    if (event.newState !== 'closed') return;
    const wasPeeking = this.#isPeeking;
    this.#isPeeking = false;
    const hadFocus =
      this.renderRoot.querySelector(':focus') !== null || document.activeElement === document.body;
    if (hadFocus && !wasPeeking) this.#anchor?.focus();
    this.personId = '';
  };

  override render() {
    const name = this.client?.state().people.get(this.personId)?.displayName ?? '';
    return html`<div popover tabindex="-1" role="dialog" aria-label=${t('card.of', { name })} @toggle=${this.#onToggle} @pointerenter=${this.#stay} @pointerleave=${this.#onUnpeek} @focusin=${() => {
      this.#isPeeking = false;
    }} @jb-chat=${() => this.hide()}>
      <jb-card .client=${this.client} .personId=${this.personId}></jb-card>
    </div>`;
  }
}
if (!customElements.get('jb-card-popover')) customElements.define('jb-card-popover', CardPopover);
declare global {
  interface HTMLElementTagNameMap {
    'jb-card-popover': CardPopover;
    'jb-card': import('./contact-card.ts').ContactCard;
  }
}
