/**
 * `<jb-console>`: what an administrator asks of a server, one section per question: is it well, what happened,
 * how do the add-ins get to people, what is kept, who looked. Everything comes from the public API with the
 * administrator's own bearer; the page keeps nothing.
 */
import './chart.ts';
import './deploy.ts';
import './keeping-section.ts';
import './policy-section.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { PersonName } from '../../server/protocol/contacts.ts';
import type { Policy } from '../../server/protocol/policy.ts';
import type { CdrSummary, Hold, RetentionPolicy } from '../../server/protocol/records.ts';
import { ApiFailure, formatFailure } from '../shared/client/problem.ts';
import { type Session, signInDemo } from '../shared/client/session.ts';
import { authConfig, finishSignIn, leaveToSignIn } from '../shared/client/sign-in.ts';
import { currentLocale } from '../shared/i18n/i18n.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../shared/ui/styles.ts';
import { type Bar, save } from './chart.ts';
import type { KeepingCalls } from './keeping-section.ts';
import type { PolicyCalls } from './policy-section.ts';
import { w } from './words.ts';

interface Status {
  readonly version: string;
  readonly startedAt: string;
  readonly trouble: string | null;
  readonly store: { readonly lastSeq: number };
  readonly people: number;
  readonly streams: number;
  readonly registrations: number;
  readonly memoryBytes: number;
  readonly load: number;
  readonly nodes: readonly {
    readonly id: string;
    readonly version: string | null;
    readonly startedAt: string | null;
    readonly leaving: boolean;
  }[];
}
interface AuditEntry {
  readonly at: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Long enough to cost nothing, short enough that a glance at the page is a glance at the server. */
const statusEveryMs = 10_000;
const dayMs = 86_400_000;
const acts = [
  'archive.person',
  'archive.read',
  'audit.read',
  'cdr.read',
  'hold.read',
  'hold.release',
  'hold.set',
  'person.erased',
  'person.exported',
  'policy.change',
  'policy.read',
  'retention.read',
  'retention.set',
  'status.read',
  'user.revoke',
  'user.disable',
  'user.enable',
  'sign-in',
  'access.denied',
] as const;
const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Stands in the audit log for somebody who could not say who they are (server/services/access-log.ts). */
const nobody = '00000000-0000-0000-0000-000000000000';

/** What somebody did, in words; an act that has none yet by its code. */
function actText(action: string): string {
  const known = acts.find((one) => one === action);
  return known === undefined ? action : w(`act.${known}`);
}

export class Console extends LitElement {
  static override properties = {
    person: { state: true },
    refused: { state: true },
    failure: { state: true },
    status: { state: true },
    summary: { state: true },
    mode: { state: true },
    audit: { state: true },
    secureUrl: { state: true },
    from: { state: true },
    to: { state: true },
  };
  declare person: PersonName | null;
  /** The name of somebody who signed in and is no administrator, or empty. */
  declare refused: string;
  declare failure: string;
  declare status: Status | null;
  declare summary: CdrSummary | null;
  /** How people sign in here. */
  declare mode: string;
  declare audit: readonly AuditEntry[];
  /** Where this server is reached over HTTPS. */
  declare secureUrl: string;
  declare from: string;
  declare to: string;
  #session: Session | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #names = new Map<string, string>();

  constructor() {
    super();
    this.person = null;
    this.refused = '';
    this.failure = '';
    this.status = null;
    this.summary = null;
    this.mode = 'demo';
    this.audit = [];
    this.secureUrl = '';
    this.from = isoDay(Date.now() - 13 * dayMs);
    this.to = isoDay(Date.now());
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        min-height: 100vh;
        background: var(--colorNeutralBackground2);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: center;
        padding: 12px 16px;
        background: var(--colorNeutralBackground1);
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      h1 {
        font-size: var(--fontSizeBase500);
        line-height: var(--lineHeightBase500);
        margin-inline-end: auto;
      }
      h2 {
        font-size: var(--fontSizeBase400);
        line-height: var(--lineHeightBase400);
      }
      a {
        color: var(--colorBrandForegroundLink);
      }
      main {
        display: grid;
        gap: 16px;
        width: min(960px, 100% - 24px);
        margin: 16px auto;
      }
      section,
      form.door {
        display: grid;
        gap: 12px;
        padding: 16px;
        border-radius: var(--borderRadiusXLarge);
        background: var(--colorNeutralBackground1);
        box-shadow: var(--shadow4);
      }
      form.door {
        width: min(400px, 100%);
        margin: 10vh auto;
      }
      .tiles {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(128px, 1fr));
        gap: 12px;
      }
      .tile b {
        display: block;
        font-size: var(--fontSizeBase600);
        line-height: var(--lineHeightBase600);
        font-weight: var(--fontWeightSemibold);
        font-variant-numeric: tabular-nums;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: end;
      }
      .line label {
        display: grid;
        gap: 2px;
      }
      .well::before,
      li::before {
        display: inline-block;
        width: 1.5em;
        font-weight: var(--fontWeightBold);
      }
      .well::before,
      li.ok::before {
        content: '✓';
        color: var(--colorStatusSuccessForeground1);
      }
      .well.trouble::before,
      li.bad::before {
        content: '✗';
        color: var(--colorStatusDangerForeground1);
      }
      .nodes li::before {
        width: 0;
      }
      li.running::before {
        content: '…';
      }
      ul {
        list-style: none;
      }
      h3 {
        font-size: var(--fontSizeBase300);
        line-height: var(--lineHeightBase300);
      }
      .entries li {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 16px;
        padding: 4px 0;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = `${w('title')} · Jellybean`;
    void this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #begin(): Promise<void> {
    try {
      this.mode = (await authConfig('')).mode;
      const finished = await finishSignIn(sessionStorage);
      if (finished !== null && 'session' in finished) await this.#enter(finished.session, finished.person);
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  async #signIn(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.failure = '';
    try {
      if (this.mode !== 'demo') return await leaveToSignIn(sessionStorage, '/admin');
      const address = String(new FormData(event.target as HTMLFormElement).get('address') ?? '');
      const { session, person } = await signInDemo('', address);
      await this.#enter(session, person);
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  async #enter(session: Session, person: PersonName): Promise<void> {
    this.#session = session;
    try {
      await this.#loadStatus();
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 'forbidden') throw error;
      this.#session = null;
      this.refused = person.displayName;
      return;
    }
    this.refused = '';
    this.person = person;
    this.#watchStatus();
    await Promise.all([this.#loadRecords(), this.#loadRest(), this.#findSecureUrl()]);
  }

  async #fetch(
    path: string,
    change?: { method: 'PUT' | 'POST' | 'DELETE'; body?: unknown },
  ): Promise<Response> {
    const send = async (renew: boolean) =>
      fetch(`/api/v1${path}`, {
        ...(change === undefined
          ? {}
          : change.body === undefined
            ? { method: change.method }
            : { method: change.method, body: JSON.stringify(change.body) }),
        headers: {
          ...(change?.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          Authorization: `Bearer ${await this.#session?.token(renew)}`,
          'Accept-Language': currentLocale(),
          'Time-Zone': Intl.DateTimeFormat().resolvedOptions().timeZone,
        },
        cache: 'no-store',
      });
    let response: Response;
    try {
      response = await send(false);
      if (response.status === 401) response = await send(true);
    } catch {
      throw new ApiFailure('unreachable', 0, null);
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => null);
    throw new ApiFailure(problem?.code ?? 'internal', response.status, problem);
  }

  async #get<Answer>(path: string): Promise<Answer> {
    return (await this.#fetch(path)).json() as Promise<Answer>;
  }

  async #loadStatus(): Promise<void> {
    this.status = await this.#get<Status>('/admin/status');
  }

  /** Asks again while the page is looked at; a hidden one asks nothing. */
  #watchStatus(): void {
    this.#timer = setTimeout(async () => {
      if (document.visibilityState === 'visible')
        await this.#loadStatus().catch((error: unknown) => {
          if (this.status !== null) this.status = { ...this.status, trouble: formatFailure(error) };
        });
      this.#watchStatus();
    }, statusEveryMs);
  }

  #span(): string {
    const to = new Date(Date.parse(this.to) + dayMs).toISOString();
    return new URLSearchParams({ from: new Date(this.from).toISOString(), to }).toString();
  }

  async #loadRecords(): Promise<void> {
    try {
      this.summary = await this.#get<CdrSummary>(`/admin/cdr/summary?${this.#span()}`);
      this.failure = '';
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  async #loadRest(): Promise<void> {
    try {
      const { items } = await this.#get<{ items: AuditEntry[] }>('/admin/audit?limit=200');
      const ids = [...new Set(items.flatMap(({ actorId }) => (actorId === null ? [] : [actorId])))];
      await Promise.all(ids.map((id) => this.#nameOf(id)));
      this.audit = items;
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  /** A name by its id, asked once; the id where there is none. */
  async #nameOf(id: string): Promise<string> {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name =
      id === nobody
        ? w('door.nobody')
        : await this.#get<PersonName>(`/people/${id}`).then(
            ({ displayName }) => displayName,
            () => id,
          );
    this.#names.set(id, name);
    return name;
  }

  async #saveFile(path: string, name: string, type: string): Promise<void> {
    try {
      const response = await this.#fetch(path);
      save(name, type, await response.blob());
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  async #findSecureUrl(): Promise<void> {
    this.secureUrl = (await this.#get<{ baseUrl: string }>('/config')).baseUrl;
  }

  protected override render() {
    return html`<header>
        <h1>${w('title')}</h1>
        ${this.person ? html`<span>${this.person.displayName}</span>` : nothing}
        <a href="/">${w('open.web')}</a>
      </header>
      <main>
        ${this.failure ? html`<p class="failure" role="alert">${w('failed', { why: this.failure })}</p>` : nothing}
        ${this.person ? this.#sections() : this.#door()}
      </main>`;
  }

  #door() {
    return html`<form class="door" @submit=${this.#signIn}>
      <p>${this.refused ? w('signin.not', { name: this.refused }) : w(this.mode === 'demo' ? 'signin.lead' : 'signin.leadReal')}</p>
      ${
        this.mode === 'demo'
          ? html`<label
              >${w('signin.address')}<input class="field" name="address" value="carol@contoso.example" autocomplete="username"
            /></label>`
          : nothing
      }
      <button class="button primary">${w('signin.button')}</button>
    </form>`;
  }

  #sections() {
    return html`${this.#well()}${this.#turnedAway()}${this.#records()}${this.#deploy()}${this.#decided()}${this.#kept()}${this.#audited()}`;
  }

  #well() {
    const { status } = this;
    if (status === null) return nothing;
    const numbers = new Intl.NumberFormat(currentLocale());
    const tiles: [Parameters<typeof w>[0], string][] = [
      ['well.streams', numbers.format(status.streams)],
      ['well.endpoints', numbers.format(status.registrations)],
      ['well.people', numbers.format(status.people)],
      ['well.events', numbers.format(status.store.lastSeq)],
      [
        'well.memory',
        new Intl.NumberFormat(currentLocale(), {
          style: 'unit',
          unit: 'megabyte',
          maximumFractionDigits: 0,
        }).format(status.memoryBytes / 1e6),
      ],
      [
        'well.load',
        new Intl.NumberFormat(currentLocale(), { style: 'percent', maximumFractionDigits: 1 }).format(
          status.load,
        ),
      ],
    ];
    return html`<section aria-labelledby="well">
      <h2 id="well">${w('well.title')}</h2>
      <p class="well ${status.trouble === null ? '' : 'trouble'}" role="status">
        ${status.trouble === null ? w('well.yes') : w('well.trouble', { trouble: status.trouble })}
      </p>
      <div class="tiles">${tiles.map(([name, value]) => html`<div class="tile"><b>${value}</b>${w(name)}</div>`)}</div>
      <p class="quiet">${w('well.since', { time: this.#time(status.startedAt), version: status.version })}</p>
      ${status.nodes.length > 1 ? this.#nodes(status.nodes) : nothing}
    </section>`;
  }

  /** Which node runs what: during an upgrade they differ. */
  #nodes(nodes: Status['nodes']) {
    const lineOf = ({ id, version, startedAt, leaving }: Status['nodes'][number]) => {
      if (version === null || startedAt === null) return w('well.nodeSilent', { id });
      if (leaving) return w('well.nodeLeaving', { id, version });
      return w('well.node', { id, version, time: this.#time(startedAt) });
    };
    return html`<h3>${w('well.nodes', { count: nodes.length })}</h3>
      <ul class="nodes">${nodes.map((node) => html`<li>${lineOf(node)}</li>`)}</ul>`;
  }

  #records() {
    const { summary } = this;
    const dayName = new Intl.DateTimeFormat(currentLocale(), {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    });
    const days = this.#days(summary).map(
      ({ day, ...bar }): Bar => ({ ...bar, name: dayName.format(new Date(day)) }),
    );
    const hours = (summary?.hours ?? []).map(({ hour, ...bar }): Bar => ({ ...bar, name: String(hour) }));
    const change = (event: Event) => {
      const { name, value } = event.target as HTMLInputElement;
      if (value === '') return;
      if (name === 'from') this.from = value;
      else this.to = value;
      void this.#loadRecords();
    };
    return html`<section aria-labelledby="records">
      <h2 id="records">${w('records.title')}</h2>
      <p class="quiet">${w('records.lead')}</p>
      <div class="line">
        <label>${w('records.from')}<input class="field" type="date" name="from" .value=${this.from} max=${this.to} @change=${change} /></label>
        <label>${w('records.to')}<input class="field" type="date" name="to" .value=${this.to} min=${this.from} @change=${change} /></label>
        <button class="button" @click=${() => this.#saveFile(`/admin/cdr?format=csv&${this.#span()}`, 'jellybean-records.csv', 'text/csv')}>${w('records.allCsv')}</button>
        <button class="button" @click=${() => this.#saveFile(`/admin/archive?${this.#span()}`, 'jellybean-archive.jsonl', 'application/jsonl')}>${w('records.archive')}</button>
      </div>
      ${
        summary === null
          ? nothing
          : html`<p>
                ${w('records.sessions', { count: summary.sessions })}, ${w('records.messages', { count: summary.messages })},
                ${w('records.people', { count: summary.people })};
                ${summary.peakAt === null ? w('records.peakNone') : w('records.peak', { count: summary.peakConcurrency, time: this.#time(summary.peakAt) })}
              </p>
              <jb-bars .caption=${w('records.byDay')} .head=${w('records.day')} .bars=${days}></jb-bars>
              <jb-bars .caption=${w('records.byHour')} .head=${w('records.hour')} .bars=${hours}></jb-bars>`
      }
    </section>`;
  }

  /** Every day of the span, those without a session too: a gap is news as well. */
  #days(summary: CdrSummary | null): CdrSummary['days'] {
    if (summary === null) return [];
    const known = new Map(summary.days.map((day) => [day.day, day]));
    const days: CdrSummary['days'] = [];
    for (let at = Date.parse(this.from); at <= Date.parse(this.to) && days.length < 400; at += dayMs)
      days.push(known.get(isoDay(at)) ?? { day: isoDay(at), sessions: 0, messages: 0 });
    return days;
  }

  #deploy() {
    return html`<section aria-labelledby="deploy">
      <h2 id="deploy">${w('deploy.title')}</h2>
      <p>${w('deploy.lead', { base: this.secureUrl })}</p>
      <jb-deploy .secureUrl=${this.secureUrl}></jb-deploy>
    </section>`;
  }

  readonly #policyCalls: PolicyCalls = {
    get: () => this.#get<Policy>('/admin/policy'),
    put: async (body) =>
      (await this.#fetch('/admin/policy', { method: 'PUT', body })).json() as Promise<Policy>,
  };

  #decided() {
    return html`<section><jb-policy .calls=${this.#policyCalls}></jb-policy></section>`;
  }

  readonly #keepingCalls: KeepingCalls = {
    policy: () => this.#get<RetentionPolicy>('/admin/retention'),
    setPolicy: async (body) =>
      (await this.#fetch('/admin/retention', { method: 'PUT', body })).json() as Promise<RetentionPolicy>,
    holds: async () => (await this.#get<{ items: Hold[] }>('/admin/holds')).items,
    hold: async (address, reason) => {
      const asked = { method: 'POST', body: { addresses: [address] } } as const;
      const answer = await this.#fetch('/people/resolve', asked);
      const { items } = (await answer.json()) as { items: { person: PersonName | null }[] };
      // An address that is nobody's is judged by the server like an id that is.
      const personId = items[0]?.person?.id ?? address;
      return this.#fetch('/admin/holds', { method: 'POST', body: { personId, reason } });
    },
    release: (id) => this.#fetch(`/admin/holds/${id}`, { method: 'DELETE' }),
    nameOf: (id) => this.#nameOf(id),
    formatTime: (instant) => this.#time(instant),
  };

  #kept() {
    return html`<section><jb-keeping .calls=${this.#keepingCalls}></jb-keeping></section>`;
  }

  /** How people come in, and who was turned away of late. */
  #turnedAway() {
    const denied = this.audit.filter(({ action }) => action === 'access.denied').slice(0, 10);
    return html`<section aria-labelledby="door">
      <h2 id="door">${w('door.title')}</h2>
      <p>${w(this.mode === 'demo' ? 'door.demo' : this.mode === 'entra' ? 'door.entra' : 'door.oidc')}</p>
      ${
        denied.length === 0
          ? html`<p class="quiet">${w('door.none')}</p>`
          : html`<h3>${w('door.denied')}</h3>
              <ul class="entries">
                ${denied.map(
                  ({ at, actorId, detail }) => html`<li>
                    <span>${actorId === null ? '' : (this.#names.get(actorId) ?? actorId)}</span>
                    <code>${detail.route} ${detail.code}</code>
                    <span class="quiet">${w('door.times', { count: Number(detail.count ?? 1) })}, ${this.#time(at)}</span>
                  </li>`,
                )}
              </ul>`
      }
    </section>`;
  }

  #audited() {
    return html`<section aria-labelledby="audit">
      <h2 id="audit">${w('audit.title')}</h2>
      ${
        this.audit.length === 0
          ? html`<p class="quiet">${w('audit.none')}</p>`
          : html`<ul class="entries">
              ${this.audit.slice(0, 30).map(
                ({ at, actorId, action }) => html`<li>
                  <span>${actorId === null ? '' : (this.#names.get(actorId) ?? actorId)} ${actText(action)}</span>
                  <span class="quiet">${this.#time(at)}</span>
                </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  #time(instant: string): string {
    return new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(
      new Date(instant),
    );
  }
}
customElements.define('jb-console', Console);
