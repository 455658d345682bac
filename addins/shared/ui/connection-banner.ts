/**
 * `<jb-connection>`: says that the server is away, and that nothing is lost by it. Shown only after a moment, as
 * most interruptions are over before anybody would read about them.
 */
import { css, html, LitElement, nothing } from 'lit';
import type { Client } from '../client/client.ts';
import type { StopReason } from '../client/event-stream.ts';
import { type MessageKey, t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

const patienceMs = 1_500;
const endings = {
  'signed-out': 'signin.ended',
  revoked: 'signin.ended',
  disabled: 'signin.disabled',
  'too-many-streams': 'signin.tooMany',
  closed: 'signin.ended',
} as const satisfies Record<StopReason, MessageKey>;

export class ConnectionBanner extends LitElement {
  static override properties = { client: { attribute: false }, isPatient: { state: true } };
  declare client: Client | null;
  declare isPatient: boolean;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    super();
    this.client = null;
    this.isPatient = true;
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      .banner {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 12px;
        background: var(--colorStatusWarningBackground1);
        border-bottom: 1px solid var(--colorStatusWarningBorder1);
        color: var(--colorNeutralForeground1);
      }
      span {
        flex: 1;
      }
    `,
  ];

  override willUpdate(): void {
    const isLive = this.client === null || this.client.state().link.kind === 'live';
    if (isLive) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      this.isPatient = true;
    } else {
      this.#timer ??= setTimeout(() => {
        this.isPatient = false;
      }, patienceMs);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  override render() {
    const link = this.client?.state().link;
    const isOver = link?.kind === 'stopped';
    const isShown = link && link.kind !== 'live' && (isOver || !this.isPatient);
    return html`<div role="status">
      ${
        isShown
          ? html`<div class="banner">
              ${symbol('offline')}
              <span>${link.kind === 'stopped' ? t(endings[link.reason]) : t(navigator.onLine ? 'connection.lost' : 'connection.offline')}</span>
              ${isOver ? nothing : html`<button class="link" @click=${() => this.client?.nudge()}>${t('action.retry')}</button>`}
            </div>`
          : nothing
      }
    </div>`;
  }
}
if (!customElements.get('jb-connection')) customElements.define('jb-connection', ConnectionBanner);
