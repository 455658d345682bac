/**
 * `<jb-deploy>`: the manifests to download, the steps for each way into an organisation, and a live check of what
 * stands between a manifest and a pane that shows something. What is tried is tried from this browser, so it
 * says what people's browsers find, not what the server thinks of itself.
 */
import { css, html, LitElement, nothing } from 'lit';
import { baseStyles, buttonStyles } from '../shared/ui/styles.ts';
import { w } from './words.ts';

type Outcome = 'running' | 'ok' | 'bad';
const checks = ['https', 'manifests', 'frames', 'headers', 'icons', 'events', 'officeJs'] as const;
type Check = (typeof checks)[number];

const routes = ['m365', 'exchange', 'sharepoint', 'sideload'] as const;
const downloads = [
  ['outlook.xml', '', 'deploy.outlook'],
  ['outlook.xml', '?access=item', 'deploy.least'],
  ['office.xml', '', 'deploy.office'],
  ['manifest.zip', '', 'deploy.package'],
  ['manifest.json', '', 'deploy.json'],
] as const;
const panes = ['/addins/outlook/pane.html', '/addins/word/pane.html', '/addins/excel/pane.html'] as const;
/** Two of the hosts that show panes on the web; a policy without them shows an empty frame. */
const framing = ['https://outlook.office.com', 'https://*.officeapps.live.com'] as const;

const read = (address: string): Promise<Response> => fetch(address, { cache: 'no-store' });

/** Panes that this build has; one that is missing is said by the check of the manifests' addresses. */
async function panePolicies(): Promise<{ policy: string; hasFrameOptions: boolean }[]> {
  const answers = await Promise.all(panes.map(read));
  return answers.map(({ ok, headers }) => ({
    policy: ok ? (headers.get('content-security-policy') ?? '') : '',
    hasFrameOptions: headers.has('x-frame-options'),
  }));
}

const attempts: Record<Check, (officeJs: string) => Promise<boolean>> = {
  https: async () => location.protocol === 'https:' && (await read('/healthz')).ok,
  async manifests() {
    const texts = await Promise.all(
      ['outlook.xml', 'office.xml', 'manifest.json'].map(async (name) => {
        const response = await read(`/manifests/${name}`);
        return response.ok ? response.text() : '';
      }),
    );
    return texts.every((text) => text.includes(`${location.origin}/addins/`));
  },
  async frames() {
    const policies = await panePolicies();
    return policies.every(({ policy }) => framing.every((origin) => policy.includes(origin)));
  },
  async headers() {
    const policies = await panePolicies();
    return policies.every(({ hasFrameOptions }) => !hasFrameOptions);
  },
  async icons() {
    // Office refuses pictures that may not be cached.
    const { ok, headers } = await read('/icons/jellybean-32.png');
    return ok && !/no-(cache|store)/.test(headers.get('cache-control') ?? '');
  },
  async events() {
    const [script, allowed] = await Promise.all([
      read('/addins/outlook/launch-event.js'),
      read('/.well-known/microsoft-officeaddins-allowed.json'),
    ]);
    const list = (await allowed.json()) as { allowed: string[] };
    return script.ok && list.allowed.includes(`${location.origin}/addins/outlook/launch-event.js`);
  },
  async officeJs(script) {
    // Another origin tells nothing of its answer, but fails where the network does not let it through.
    await fetch(script, { mode: 'no-cors', cache: 'no-store' });
    return true;
  },
};

export class Deploy extends LitElement {
  static override properties = {
    secureUrl: {},
    outcomes: { state: true },
    officeJs: { state: true },
  };
  /** Where this server is reached over HTTPS. */
  declare secureUrl: string;
  declare outcomes: Readonly<Partial<Record<Check, Outcome>>>;
  declare officeJs: string;

  constructor() {
    super();
    this.secureUrl = '';
    this.outcomes = {};
    this.officeJs = '';
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      ul,
      ol {
        padding-inline-start: 20px;
      }
      li {
        margin: 4px 0;
        overflow-wrap: anywhere;
      }
      h3 {
        font-size: var(--fontSizeBase300);
      }
      a {
        color: var(--colorBrandForegroundLink);
      }
      summary {
        cursor: pointer;
        padding: 4px 0;
      }
      .ok::marker {
        content: '✓  ';
        color: var(--colorStatusSuccessForeground1);
      }
      .bad::marker {
        content: '✗  ';
        color: var(--colorStatusDangerForeground1);
      }
      .bad {
        font-weight: var(--fontWeightSemibold);
      }
      .running::marker {
        content: '…  ';
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    if (location.protocol === 'https:') void this.check();
  }

  /** Tries everything anew, one after the other: a slow one does not make the others look slow. */
  async check(): Promise<void> {
    this.outcomes = Object.fromEntries(checks.map((check) => [check, 'running' as const]));
    const source = (await (await read('/office-js/source.json')).json()) as { script: string };
    this.officeJs = new URL(source.script, location.href).origin;
    for (const check of checks) {
      const works = await attempts[check](source.script).catch(() => false);
      this.outcomes = { ...this.outcomes, [check]: works ? 'ok' : 'bad' };
    }
  }

  protected override render() {
    return html`<ul>
        ${downloads.map(
          ([name, query, label]) =>
            html`<li><a href="/manifests/${name}${query}" download=${name}>${w(label)}</a></li>`,
        )}
      </ul>
      ${routes.map(
        (route) => html`<details>
          <summary>${w(`steps.${route}`)}</summary>
          <ol>
            ${w(`steps.${route}.do`)
              .split('\n')
              .map((step) => html`<li>${step}</li>`)}
          </ol>
        </details>`,
      )}
      <h3>${w('deploy.check')}</h3>
      ${location.protocol === 'https:' ? this.#outcomes() : html`<p><a href="${this.secureUrl}/admin">${w('check.elsewhere')}</a></p>`}`;
  }

  #outcomes() {
    const isRunning = Object.values(this.outcomes).includes('running');
    return html`<div role="status"><ul>
        ${checks.map((check) => {
          const outcome = this.outcomes[check];
          return outcome === undefined
            ? nothing
            : html`<li class=${outcome}>${w(`check.${check}`, { origin: this.officeJs })}: ${w(`check.${outcome}`)}</li>`;
        })}
      </ul></div>
      <p><button class="button" ?disabled=${isRunning} @click=${() => this.check()}>${w('check.again')}</button></p>`;
  }
}

if (!customElements.get('jb-deploy')) customElements.define('jb-deploy', Deploy);
declare global {
  interface HTMLElementTagNameMap {
    'jb-deploy': Deploy;
  }
}
