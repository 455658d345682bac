/**
 * `/embed.js`: one script that gives any page `<presence-icon address="bob@contoso.example">`, and an icon before
 * every link that is marked with `data-presence`. Everything that
 * needs a person lives in a hidden frame of our own origin; this script only draws. Until somebody has signed
 * in there, icons are unknown, and a click opens the sign-in window. Works under a strict content security
 * policy that allows our origin in `script-src` and `frame-src`.
 */
import { PresenceIcon } from '../shared/icon/presence-icon-element.ts';
import { upgradeLinks } from './links.ts';
import {
  type EmbedState,
  type EmbedView,
  type FrameMessage,
  type PageMessage,
  parseMessage,
} from './messages.ts';

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src$="/embed.js"]');
const origin = script ? new URL(script.src, location.href).origin : location.origin;

const icons = new Map<string, Set<AddressedIcon>>();
const views = new Map<string, EmbedView>();
let frame: HTMLIFrameElement | null = null;
let isReady = false;
let state: EmbedState = 'signed-out';
let hint = '';
let isScheduled = false;

class AddressedIcon extends PresenceIcon {
  static override readonly observedAttributes = [...PresenceIcon.observedAttributes, 'address'];
  #address = '';

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('click', this.#onClick);
    this.addEventListener('keydown', this.#onKey);
    this.#follow();
  }

  disconnectedCallback(): void {
    this.removeEventListener('click', this.#onClick);
    this.removeEventListener('keydown', this.#onKey);
    this.#forget();
  }

  override attributeChangedCallback(name?: string): void {
    if (name === 'address') {
      if (this.isConnected) this.#follow();
    } else super.attributeChangedCallback();
    this.#dress();
  }

  #follow(): void {
    const address = (this.getAttribute('address') ?? '').trim().toLowerCase();
    if (address === this.#address) return;
    this.#forget();
    this.#address = address;
    if (address === '') return;
    const same = icons.get(address) ?? new Set();
    icons.set(address, same.add(this));
    schedule();
    this.show();
  }

  #forget(): void {
    const same = icons.get(this.#address);
    same?.delete(this);
    if (same?.size === 0) icons.delete(this.#address);
    this.#address = '';
    schedule();
  }

  /** Shows what is known of the address now. */
  show(): void {
    const view = views.get(this.#address);
    const label = view?.label ?? [this.getAttribute('address'), hint].filter(Boolean).join(': ');
    this.setAttribute('availability', view?.availability ?? 'unknown');
    this.toggleAttribute('out-of-office', view?.isOutOfOffice === true);
    this.toggleAttribute('stale', view?.isStale === true);
    this.setAttribute('label', label);
    this.title = label;
  }

  /** Signed out, an icon is the way in. */
  #dress(): void {
    if (this.#address === '') return;
    if (state === 'signed-in') {
      this.removeAttribute('tabindex');
      if (this.getAttribute('role') === 'button') this.setAttribute('role', 'img');
    } else {
      if (this.getAttribute('tabindex') !== '0') this.setAttribute('tabindex', '0');
      if (this.getAttribute('role') !== 'button') this.setAttribute('role', 'button');
    }
  }

  readonly #onClick = (): void => {
    if (state === 'signed-out')
      open(`${origin}/embed/sign-in`, 'jellybean-sign-in', 'popup,width=420,height=600');
  };
  readonly #onKey = (event: KeyboardEvent): void => {
    if (state !== 'signed-out' || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    this.#onClick();
  };
}

/** A page adds its icons one by one; the frame is told once. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  queueMicrotask(() => {
    isScheduled = false;
    if (icons.size > 0 && frame === null) openFrame();
    if (isReady) tellFrame();
  });
}

function openFrame(): void {
  frame = document.createElement('iframe');
  frame.src = `${origin}/embed`;
  frame.hidden = true;
  frame.title = 'Jellybean';
  document.body.append(frame);
}

function tellFrame(): void {
  const message: PageMessage = { type: 'jellybean.watch', addresses: [...icons.keys()] };
  frame?.contentWindow?.postMessage(message, origin);
}

addEventListener('message', (event: MessageEvent) => {
  if (frame === null || event.source !== frame.contentWindow || event.origin !== origin) return;
  const message = parseMessage<FrameMessage>(event.data);
  if (message?.type === 'jellybean.ready') {
    isReady = true;
    tellFrame();
  } else if (message?.type === 'jellybean.state') {
    state = message.state;
    hint = message.hint;
    if (state === 'signed-out') views.clear();
    for (const same of icons.values()) for (const icon of same) icon.show();
  } else if (message?.type === 'jellybean.views') {
    for (const view of message.views) {
      views.set(view.address, view);
      for (const icon of icons.get(view.address) ?? []) icon.show();
    }
  }
});

// A page may have that name already; its own markup is then its own, and marked links still get our icon.
const name = customElements.get('presence-icon') ? 'jellybean-presence-icon' : 'presence-icon';
if (!customElements.get(name)) {
  customElements.define(name, AddressedIcon);
  upgradeLinks(document, (address) => {
    const icon = document.createElement(name);
    icon.setAttribute('address', address);
    return icon;
  });
}
