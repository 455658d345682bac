/**
 * `<jb-sign-in>`: the demo organisation's door. Somebody picks a name; a server that is away is said and asked
 * again. Event: `jb-signed-in` with the session.
 */
import '../shared/ui/face.ts';
import { css, html, LitElement, nothing } from 'lit';
import { ApiFailure, formatFailure } from '../shared/client/problem.ts';
import { signInDemo } from '../shared/client/session.ts';
import { finishSignIn, leaveToSignIn } from '../shared/client/sign-in.ts';
import { t } from '../shared/i18n/i18n.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../shared/ui/styles.ts';

/** The cast of the demo organisation (contract §9). */
const cast = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
const addressOf = (name: (typeof cast)[number]) => `${name}@contoso.example`;
/** Office and SharePoint, played on this server. */
const playgrounds = ['Outlook', 'Word', 'Excel', 'SharePoint'] as const;
const againMs = 2_000;

export class SignIn extends LitElement {
  static override properties = {
    remembered: {},
    reason: {},
    failure: { state: true },
    isBusy: { state: true },
    isDemo: { state: true },
    canLeave: { state: true },
    secureUrl: { state: true },
  };
  /** Who signed in on this tab before: tried at once and for as long as it takes. */
  declare remembered: string | null;
  /** Why the last sign-in ended, or empty. */
  declare reason: string;
  declare failure: string;
  declare isBusy: boolean;
  declare isDemo: boolean;
  /** Whether people sign in elsewhere and come back. */
  declare canLeave: boolean;
  /** Where the server is reached over HTTPS, which Office insists on; empty until it is known. */
  declare secureUrl: string;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    super();
    this.remembered = null;
    this.reason = '';
    this.failure = '';
    this.isBusy = false;
    this.isDemo = true;
    this.canLeave = false;
    this.secureUrl = '';
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        height: 100%;
        overflow: auto;
        background: var(--colorNeutralBackground2);
      }
      main {
        display: grid;
        gap: 16px;
        width: min(400px, calc(100% - 24px));
        margin: max(24px, 8vh) auto 24px;
        padding: 24px;
        border-radius: var(--borderRadiusXLarge);
        background: var(--colorNeutralBackground1);
        box-shadow: var(--shadow8);
      }
      h1 {
        font-size: var(--fontSizeBase600);
        line-height: var(--lineHeightBase600);
      }
      p {
        color: var(--colorNeutralForeground2);
      }
      header {
        display: flex;
        align-items: center;
        gap: 12px;
        padding-bottom: 16px;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      header b {
        display: block;
        color: var(--colorNeutralForeground1);
        font-size: var(--fontSizeBase400);
        line-height: var(--lineHeightBase400);
      }
      ul {
        list-style: none;
      }
      li button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 48px;
        padding: 6px 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      li button:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      li span span {
        display: block;
      }
      form {
        display: flex;
        gap: 8px;
        align-items: end;
        padding-top: 16px;
        border-top: 1px solid var(--colorNeutralStroke2);
      }
      form label {
        flex: 1;
        min-width: 0;
        margin: 0;
      }
      footer {
        padding-top: 16px;
        border-top: 1px solid var(--colorNeutralStroke2);
      }
      footer ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        padding-bottom: 8px;
      }
      footer p {
        color: inherit;
      }
      a {
        color: var(--colorBrandForegroundLink);
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
      }
      .wait {
        display: grid;
        place-items: center;
        height: 60vh;
        padding: 24px;
        text-align: center;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#begin();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Somebody may have come back from the provider; else the last user of a demo is tried, else one is asked. */
  async #begin(): Promise<void> {
    try {
      const finished = await finishSignIn(sessionStorage);
      if (finished !== null && 'session' in finished) {
        this.dispatchEvent(
          new CustomEvent('jb-signed-in', { detail: { ...finished, user: finished.person.address } }),
        );
        return;
      }
      if (finished !== null) {
        this.remembered = null;
        this.failure = t('signin.ended');
      }
    } catch (error) {
      this.remembered = null;
      this.failure = t('signin.failed', { detail: formatFailure(error) });
    }
    if (!(await this.#look())) return;
    this.failure = this.failure === t('signin.unreachable') ? '' : this.failure;
    if (this.remembered && this.isDemo) await this.#signIn(this.remembered);
    else if (!this.isDemo) this.remembered = null;
  }

  /** Asks how one signs in here. */
  async #look(): Promise<boolean> {
    try {
      const response = await fetch('/api/v1/config', { cache: 'no-store' });
      const { auth, baseUrl } = (await response.json()) as {
        auth: { mode: string; signInUrl?: string };
        baseUrl: string;
      };
      this.isDemo = auth.mode === 'demo';
      this.canLeave = auth.signInUrl !== undefined;
      this.secureUrl = baseUrl.startsWith('https:') ? baseUrl.replace(/\/$/, '') : '';
      return true;
    } catch {
      this.failure = t('signin.unreachable');
      this.#again(() => this.#begin());
      return false;
    }
  }

  #again(work: () => Promise<void>): void {
    this.#timer = setTimeout(() => void work(), againMs);
  }

  async #signIn(user: string): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const signedIn = await signInDemo('', user);
      this.failure = '';
      this.dispatchEvent(new CustomEvent('jb-signed-in', { detail: { ...signedIn, user } }));
    } catch (error) {
      const isAway = error instanceof ApiFailure && error.retryable;
      this.failure = isAway ? t('signin.unreachable') : t('signin.failed', { detail: formatFailure(error) });
      if (isAway) this.#again(() => this.#signIn(user));
      else this.remembered = null;
    } finally {
      this.isBusy = false;
    }
  }

  override render() {
    if (this.remembered) {
      return html`<div class="wait" role="status">${this.failure}</div>`;
    }
    return html`<main>
      <header>
        <img src="/icons/jellybean.svg" alt="" width="40" height="40" />
        <p><b>${t('app.name')}</b>${t('signin.tagline')}</p>
      </header>
      <h1>${t('signin.title')}</h1>
      ${this.reason ? html`<p role="status">${this.reason}</p>` : nothing}
      ${this.isDemo ? this.#renderCast() : this.#renderOrganisation()}
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}
      ${this.#renderFoot()}
    </main>`;
  }

  /** Where a newcomer may go next, and why the browser will warn on the way. */
  #renderFoot() {
    return html`<footer class="quiet">
      ${
        this.secureUrl
          ? html`<ul>
              <li>${t('signin.playground')}</li>
              ${playgrounds.map(
                (name) =>
                  html`<li><a href=${`${this.secureUrl}/playground/${name.toLowerCase()}`}>${name}</a></li>`,
              )}
            </ul>`
          : nothing
      }
      <ul>
        <li><a href="/icons">${t('icons.title')}</a></li>
        <li><a href="/admin">${t('signin.admin')}</a></li>
        <li><a href="/api/docs">${t('signin.api')}</a></li>
      </ul>
      ${this.isDemo && this.secureUrl ? html`<p>${t('signin.certificate', { address: this.secureUrl })}</p>` : nothing}
    </footer>`;
  }

  #renderOrganisation() {
    if (!this.canLeave) return html`<p>${t('signin.notDemo')}</p>`;
    return html`<p>${t('signin.organisation')}</p>
      <p>
        <button class="button primary" @click=${() => leaveToSignIn(sessionStorage, location.pathname)}>
          ${t('signin.button')}
        </button>
      </p>`;
  }

  #renderCast() {
    return html`<p>${t('signin.lead')}</p>
      <ul>
        ${cast.map((name) => {
          const shown = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
          return html`<li>
            <button @click=${() => this.#signIn(addressOf(name))}>
              <jb-face .name=${shown} .personId=${addressOf(name)}></jb-face>
              <span><span>${shown}</span><span class="quiet">${t(`signin.${name}`)}</span></span>
            </button>
          </li>`;
        })}
      </ul>
      <form
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const user = String(new FormData(event.target as HTMLFormElement).get('user') ?? '').trim();
          if (user) void this.#signIn(user);
        }}
      >
        <label>${t('signin.other')}<input class="field" name="user" type="email" autocomplete="off" spellcheck="false" /></label>
        <button class="button primary">${t('signin.button')}</button>
      </form>`;
  }
}
if (!customElements.get('jb-sign-in')) customElements.define('jb-sign-in', SignIn);
