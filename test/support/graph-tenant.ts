/**
 * A small tenant of Microsoft 365 on loopback, over TLS: tokens, people with delta, calendars, automatic replies,
 * presence, photos, batches. It keeps state as Graph does, and has its moods: throttling as a whole and per item,
 * failing in part, forgetting delta tokens, being away, slow, or lying, and a clock that is wrong.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { developmentCertificate } from './development-certificate.ts';
import { type GraphContract, hasGraphContract, openGraphContract } from './graph-contract.ts';

export interface TenantUser {
  readonly id: string;
  displayName: string;
  mail: string | null;
  userPrincipalName: string;
  proxyAddresses?: string[];
  jobTitle?: string | null;
  department?: string | null;
  companyName?: string | null;
  officeLocation?: string | null;
  businessPhones?: string[];
  mobilePhone?: string | null;
  userType?: string;
  accountEnabled?: boolean;
  managerId?: string | null;
}
export interface TenantGroup {
  readonly id: string;
  displayName: string;
  mail: string | null;
  proxyAddresses?: string[];
  visibility?: string | null;
}
export interface TenantEvent {
  /** ISO, UTC. */
  start: string;
  end: string;
  status: string;
  subject?: string;
}
export interface Replies {
  status: string;
  start?: string;
  end?: string;
  message?: string;
}
interface Served {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export const tenantId = 'a1a1a1a1-0000-4000-8000-000000000001';
export const tenantClientId = '11111111-2222-4333-8444-555555555555';
export const tenantSecret = 'a secret of the application';

export type GraphTenant = Awaited<ReturnType<typeof startGraphTenant>>;

export async function startGraphTenant() {
  const certificate = await developmentCertificate();
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  const contract: GraphContract | null = hasGraphContract() ? openGraphContract('strict') : null;
  if (contract === null)
    process.stderr.write(
      'not checked: our calls against the OpenAPI document of Graph, which is not beside the repository\n',
    );

  const users = new Map<string, { user: TenantUser; version: number; removed: boolean }>();
  /** Members by id with the version of their coming or going. */
  const groups = new Map<
    string,
    {
      group: TenantGroup;
      version: number;
      removed: boolean;
      members: Map<string, { version: number; removed: boolean }>;
    }
  >();
  const events = new Map<string, TenantEvent[]>();
  const replies = new Map<string, Replies>();
  const presences = new Map<
    string,
    { availability: string; activity: string; outOfOffice?: string | null }
  >();
  const photos = new Map<string, Buffer>();
  /** With the person in whose name a token was given; null = the application's own. */
  const tokens = new Map<string, { endsAt: number; owner: string | null }>();
  let version = 0;
  let deltaEpoch = 1;
  let issued = 0;
  let exchanges = 0;

  const tenant = {
    url: '',
    users,
    /** Every call to Graph, oldest first; batches by their items as well. */
    calls: [] as { method: string; path: string; batched: boolean }[],
    /** What a call sent that Graph's own description does not allow. */
    complaints: [] as string[],
    pageSize: 100,
    /** Milliseconds that this tenant's clock is ahead. */
    skewMs: 0,
    tokenSeconds: 3_599,
    tokensIssued: () => issued,
    /** Answers that come instead of the real ones, the first first; `null` = the real one. */
    instead: [] as (Served | null)[],
    /** Judges each item of a batch: an answer in place of the real one, or null. */
    insteadOfItem: (() => null) as (url: string) => Served | null,
    /** True = connections are cut without an answer. */
    away: false,
    /** Milliseconds before each answer. */
    slowMs: 0,

    put(user: TenantUser) {
      version += 1;
      users.set(user.id, { user, version, removed: false });
    },
    change(id: string, fields: Partial<TenantUser>) {
      version += 1;
      const row = users.get(id)!;
      users.set(id, { ...row, user: { ...row.user, ...fields }, version });
    },
    remove(id: string) {
      version += 1;
      users.set(id, { ...users.get(id)!, removed: true, version });
    },
    /** False = the application has no consent for groups. */
    mayReadGroups: true,
    putGroup(group: TenantGroup, members: readonly string[]) {
      version += 1;
      const come = members.map((id) => [id, { version, removed: false }] as const);
      groups.set(group.id, { group, version, removed: false, members: new Map(come) });
    },
    changeGroup(
      id: string,
      change: Partial<TenantGroup>,
      { added = [], removed = [] }: { added?: readonly string[]; removed?: readonly string[] } = {},
    ) {
      version += 1;
      const row = groups.get(id)!;
      for (const member of added) row.members.set(member, { version, removed: false });
      for (const member of removed) row.members.set(member, { version, removed: true });
      groups.set(id, { ...row, group: { ...row.group, ...change }, version });
    },
    removeGroup(id: string) {
      version += 1;
      groups.set(id, { ...groups.get(id)!, removed: true, version });
    },
    /** As if it had never been: nothing tells of it. */
    loseGroup: (id: string) => void groups.delete(id),
    /** From now on, delta tokens given so far are not known any more. */
    forgetDeltas() {
      deltaEpoch += 1;
    },
    setEvents: (mail: string, list: TenantEvent[]) => void events.set(mail, list),
    setReplies: (id: string, value: Replies) => void replies.set(id, value),
    setPresence: (id: string, availability: string, activity: string, outOfOffice: string | null = null) =>
      void presences.set(id, { availability, activity, outOfOffice }),
    setPhoto: (id: string, bytes: Buffer) => void photos.set(id, bytes),
    /** Consent for what is read in people's names; false = theirs, or their organisation's, is missing. */
    mayReadOnBehalf: true,
    /** True = the application has no permission of its own. */
    delegatedAlone: false,
    exchanged: () => exchanges,
    /** Every token given so far is worthless from now on. */
    revokeTokens: () => tokens.clear(),
    forgetCalls() {
      tenant.calls.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const now = () => Date.now() + tenant.skewMs;
  const error = (status: number, code: string, headers: Record<string, string> = {}): Served => ({
    status,
    headers,
    body: {
      error: {
        code,
        message: code,
        innerError: { date: new Date(now()).toISOString(), 'request-id': 'r', 'client-request-id': 'c' },
      },
    },
  });

  function token(body: string): Served {
    const form = new URLSearchParams(body);
    if (form.get('client_id') !== tenantClientId || form.get('client_secret') !== tenantSecret)
      return {
        status: 401,
        body: { error: 'invalid_client', error_description: 'AADSTS7000215: wrong secret' },
      };
    if (form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return onBehalf(form);
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== `${tenant.url}/.default`)
      return { status: 400, body: { error: 'invalid_scope', error_description: 'AADSTS70011' } };
    return give(null);
  }

  function give(owner: string | null, more: object = {}): Served {
    issued += 1;
    const value = `token-${issued}`;
    tokens.set(value, { endsAt: now() + tenant.tokenSeconds * 1_000, owner });
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: tenant.tokenSeconds, access_token: value, ...more },
    };
  }

  /** A token in the name of whoever the assertion names, which must be for our application and for what we read. */
  function onBehalf(form: URLSearchParams): Served {
    exchanges += 1;
    const refused = (error: string, description: string, more: object = {}): Served => ({
      status: 400,
      body: { error, error_description: description, ...more },
    });
    const assertion = form.get('assertion') ?? '';
    const { aud, oid } = JSON.parse(
      Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}',
    ) as { aud?: string; oid?: string };
    if (form.get('requested_token_use') !== 'on_behalf_of') return refused('invalid_request', 'AADSTS90014');
    if (aud !== tenantClientId || oid === undefined)
      return refused('invalid_grant', 'AADSTS500131: the audience of the assertion is another');
    const wanted = (form.get('scope') ?? '').split(' ').filter((scope) => scope.startsWith(tenant.url));
    const known = ['Calendars.ReadBasic', 'MailboxSettings.Read'].map((name) => `${tenant.url}/${name}`);
    if (wanted.length === 0 || wanted.some((scope) => !known.includes(scope)))
      return refused('invalid_scope', 'AADSTS70011');
    if (!tenant.mayReadOnBehalf)
      return refused('invalid_grant', 'AADSTS65001: nobody has consented', { suberror: 'consent_required' });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return give(oid, {
      scope: wanted.join(' '),
      client_info: part({ uid: oid, utid: tenantId }),
      id_token: `${part({ alg: 'none' })}.${part({ oid, tid: tenantId, sub: oid, preferred_username: oid, iss: `${tenant.url}/${tenantId}/v2.0`, aud: tenantClientId })}.`,
    });
  }

  /** One page of changes of people or of groups, as delta queries give them. */
  function delta<Row extends { version: number; removed: boolean }>(
    url: URL,
    what: 'users' | 'groups',
    table: ReadonlyMap<string, Row>,
    shown: (row: Row, since: number) => Record<string, unknown>,
  ): Served {
    const query = url.searchParams;
    const given = query.get('$deltatoken') ?? query.get('$skiptoken');
    const [epoch, since, until, after] = (given ?? `${deltaEpoch}.0.${version}.`).split('.') as [
      string,
      string,
      string,
      string,
    ];
    if (Number(epoch) !== deltaEpoch) return error(410, 'syncStateNotFound');
    const upTo = query.has('$deltatoken') ? version : Number(until);
    const all = [...table.entries()]
      .filter(
        ([id, row]) =>
          row.version > Number(since) && row.version <= upTo && id > after && !(row.removed && since === '0'),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = all.slice(0, tenant.pageSize);
    const link = (name: string, value: string) =>
      `${tenant.url}/v1.0/${what}/delta?${encodeURIComponent(name)}=${value}`;
    return {
      status: 200,
      body: {
        value: page.map(([id, row]) =>
          row.removed ? { id, '@removed': { reason: 'deleted' } } : shown(row, Number(since)),
        ),
        ...(all.length > page.length
          ? { '@odata.nextLink': link('$skiptoken', `${epoch}.${since}.${upTo}.${page.at(-1)?.[0]}`) }
          : { '@odata.deltaLink': link('$deltatoken', `${epoch}.${upTo}.0.`) }),
      },
    };
  }

  function schedule(body: {
    schedules: string[];
    startTime: { dateTime: string };
    endTime: { dateTime: string };
  }): Served {
    if (body.schedules.length > 20) return error(400, 'ErrorInvalidRequest');
    const [from, to] = [Date.parse(`${body.startTime.dateTime}Z`), Date.parse(`${body.endTime.dateTime}Z`)];
    if (!(from < to) || to - from > 62 * 86_400_000) return error(400, 'ErrorInvalidTimeInterval');
    const known = new Set([...users.values()].filter(({ removed }) => !removed).map(({ user }) => user.mail));
    const moment = (text: string) => ({
      dateTime: text.replace('Z', '0000').replace(/\.0000$/, '.0000000'),
      timeZone: 'UTC',
    });
    return {
      status: 200,
      body: {
        value: body.schedules.map((scheduleId) =>
          known.has(scheduleId)
            ? {
                scheduleId,
                availabilityView: '',
                scheduleItems: (events.get(scheduleId) ?? [])
                  .filter(({ start, end }) => Date.parse(end) > from && Date.parse(start) < to)
                  .map(({ start, end, status, subject }) => ({
                    status,
                    subject: subject ?? '',
                    isPrivate: false,
                    start: moment(start),
                    end: moment(end),
                  })),
              }
            : {
                scheduleId,
                availabilityView: '',
                scheduleItems: [],
                error: { responseCode: 'ErrorMailRecipientNotFound', message: 'no such mailbox' },
              },
        ),
      },
    };
  }

  function mailbox(id: string): Served {
    const found = users.get(id);
    if (found === undefined || found.removed) return error(404, 'ErrorItemNotFound');
    const { status, start, end, message } = replies.get(id) ?? { status: 'disabled' };
    const moment = (text: string | undefined) => ({
      dateTime: (text ?? '2026-01-01T00:00:00Z').replace('Z', '.0000000'),
      timeZone: 'UTC',
    });
    return {
      status: 200,
      body: {
        timeZone: 'UTC',
        automaticRepliesSetting: {
          status,
          externalAudience: 'all',
          internalReplyMessage: message ?? '',
          externalReplyMessage: message ?? '',
          scheduledStartDateTime: moment(start),
          scheduledEndDateTime: moment(end),
        },
      },
    };
  }

  function presenceList(body: { ids: string[] }): Served {
    if (body.ids.length > 650) return error(400, 'BadRequest');
    return {
      status: 200,
      body: {
        value: body.ids
          .filter((id) => users.has(id))
          .map((id) => {
            const {
              availability,
              activity,
              outOfOffice = null,
            } = presences.get(id) ?? { availability: 'Offline', activity: 'Offline' };
            return {
              id,
              availability,
              activity,
              outOfOfficeSettings: { isOutOfOffice: outOfOffice !== null, message: outOfOffice },
            };
          }),
      },
    };
  }

  function route(method: string, path: string, body: unknown): Served {
    const url = new URL(path, tenant.url);
    const [, , ...parts] = url.pathname.split('/');
    if (parts[0] === 'users' && parts[1] === 'delta')
      return delta(url, 'users', users, ({ user: { managerId, ...rest } }) => ({
        accountEnabled: true,
        ...rest,
        ...(managerId === undefined
          ? {}
          : {
              'manager@delta':
                managerId === null ? [] : [{ '@odata.type': '#microsoft.graph.user', id: managerId }],
            }),
      }));
    if (parts[0] === 'groups' && parts[1] === 'delta') {
      if (!tenant.mayReadGroups) return error(403, 'Authorization_RequestDenied');
      return delta(url, 'groups', groups, ({ group, members }, since) => {
        const told = [...members].filter(([, one]) => one.version > since && !(one.removed && since === 0));
        return {
          ...group,
          ...(told.length === 0
            ? {}
            : {
                'members@delta': told.map(([id, { removed }]) => ({
                  '@odata.type': groups.has(id) ? '#microsoft.graph.group' : '#microsoft.graph.user',
                  id,
                  ...(removed ? { '@removed': { reason: 'deleted' } } : {}),
                })),
              }),
        };
      });
    }
    if (method === 'POST' && url.pathname.endsWith('/calendar/getSchedule')) return schedule(body as never);
    if (url.pathname.endsWith('/mailboxSettings')) return mailbox(decodeURIComponent(parts[1] ?? ''));
    if (method === 'POST' && url.pathname.endsWith('/communications/getPresencesByUserId'))
      return presenceList(body as never);
    if (parts[2] === 'photos') {
      const bytes = photos.get(parts[1] ?? '');
      return bytes === undefined
        ? error(404, 'ImageNotFound')
        : { status: 200, body: bytes.toString('base64'), headers: { 'Content-Type': 'image/png' } };
    }
    return error(404, 'ResourceNotFound');
  }

  function checked(method: string, path: string, body: unknown, batched: boolean): void {
    tenant.calls.push({ method, path, batched });
    const trouble = contract?.requestTrouble(method, path.replace(/^\/v1\.0/, ''), body);
    if (trouble != null) tenant.complaints.push(`${method} ${path}: ${trouble}`);
  }

  function batch(body: {
    requests: { id: string; method: string; url: string; headers?: Record<string, string>; body?: unknown }[];
  }): Served {
    if (body.requests.length > 20) return error(400, 'BadRequest');
    const responses = body.requests.map((item) => {
      const path = `/v1.0${item.url}`;
      checked(item.method, path, item.body, true);
      const served = tenant.insteadOfItem(item.url) ?? route(item.method, path, item.body);
      return {
        id: item.id,
        status: served.status,
        headers: { 'Content-Type': 'application/json', ...served.headers },
        body: served.body,
      };
    });
    // In any order, as there.
    return { status: 200, body: { responses: responses.reverse() } };
  }

  async function serve(request: IncomingMessage, text: string): Promise<Served> {
    const path = request.url ?? '';
    if (path.includes('/.well-known/openid-configuration') || path.includes('/openid-configuration'))
      return {
        status: 200,
        body: {
          issuer: `${tenant.url}/${tenantId}/v2.0`,
          authorization_endpoint: `${tenant.url}/${tenantId}/oauth2/v2.0/authorize`,
          token_endpoint: `${tenant.url}/${tenantId}/oauth2/v2.0/token`,
          jwks_uri: `${tenant.url}/${tenantId}/discovery/v2.0/keys`,
        },
      };
    if (path.includes('/oauth2/v2.0/token')) return token(text);
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const given = tokens.get(bearer);
    if (given === undefined || given.endsAt < now()) return error(401, 'InvalidAuthenticationToken');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const isBatch = path.endsWith('/$batch');
    // In a person's name, their own mailbox is all there is.
    const asked = isBatch ? (body as { requests: { url: string }[] }).requests.map(({ url }) => url) : [path];
    if (given.owner !== null && asked.some((one) => !one.includes(`/users/${given.owner}/`)))
      return error(403, 'ErrorAccessDenied');
    if (tenant.delegatedAlone && given.owner === null) return error(403, 'ErrorAccessDenied');
    if (!isBatch) checked(request.method ?? '', path, body, false);
    const instead = tenant.instead.shift();
    if (instead != null) return instead;
    return isBatch ? batch(body as never) : route(request.method ?? '', path, body);
  }

  const server = createServer(certificate, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (tenant.away) {
        request.socket.destroy();
        return;
      }
      const answer = async () => {
        const served = await serve(request, Buffer.concat(parts).toString('utf8'));
        response.writeHead(served.status, {
          'Content-Type': 'application/json; charset=utf-8',
          Date: new Date(now()).toUTCString(),
          ...served.headers,
        });
        response.end(served.body === undefined ? '' : JSON.stringify(served.body));
      };
      if (tenant.slowMs > 0) setTimeout(answer, tenant.slowMs);
      else void answer();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tenant.url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return tenant;
}

/** The settings by which a server reads this tenant. */
export const tenantSettings = (
  tenant: Pick<GraphTenant, 'url'>,
  sources: string,
): Record<string, string> => ({
  JELLYBEAN_GRAPH_SOURCES: sources,
  JELLYBEAN_GRAPH_URL: tenant.url,
  JELLYBEAN_GRAPH_AUTHORITY: tenant.url,
  JELLYBEAN_GRAPH_TENANT: tenantId,
  JELLYBEAN_GRAPH_CLIENT_ID: tenantClientId,
  JELLYBEAN_GRAPH_CLIENT_SECRET: tenantSecret,
});
