/**
 * Who may do what, as one table: a row for each route, with who may call it, which application roles open it
 * to programs, and whose the thing is that it is about. Programs are let in by this table alone; a route
 * without a row is closed to them, and fails `test/http/rights.test.ts`, which tries every row with every
 * kind of caller. docs/RIGHTS.md is this table in prose.
 */
import type { ApplicationRole, Principal } from '../ports/identity.ts';
import type { Access } from './route.ts';

/**
 * Whose a thing is; decides what callers without a right to it are told.
 * - `public`: everybody's.
 * - `own`: the caller's; there is no way to name somebody else's.
 * - `directory`: everybody who is signed in asks; the relationship decides how much they see.
 * - `conversation`: its participants'; to everybody else, former ones too, it is not found (IM2).
 * - `message`: its sender's; other participants are told that they may not, everybody else that it is not found.
 * - `attachment`: its sender's and the participants' of the conversation it was sent to; else not found.
 * - `stream`: whose bearer opened it; else not found.
 * - `organisation`: the administrators'.
 */
export type Resource =
  | 'public'
  | 'own'
  | 'directory'
  | 'conversation'
  | 'message'
  | 'attachment'
  | 'stream'
  | 'organisation';

export interface Right {
  readonly access: Access;
  readonly resource: Resource;
  /** Any one of these lets a program in; none = people only. */
  readonly applications: readonly (ApplicationRole | 'admin')[];
}

const anonymous: Right = { access: 'anonymous', resource: 'public', applications: [] };
const own: Right = { access: 'person', resource: 'own', applications: [] };
const conversation: Right = { access: 'person', resource: 'conversation', applications: [] };
const message: Right = { access: 'person', resource: 'message', applications: [] };
const attachment: Right = { access: 'person', resource: 'attachment', applications: [] };
const watching: Right['applications'] = ['Presence.Read.All', 'Presence.ReadWrite.All'];
const directory: Right = { access: 'any', resource: 'directory', applications: watching };
const stream: Right = { access: 'any', resource: 'stream', applications: watching };
const admin: Right = { access: 'admin', resource: 'organisation', applications: ['admin'] };
const exporting: Right = {
  access: 'admin',
  resource: 'organisation',
  applications: ['Chat.Export', 'admin'],
};

/** What a program with write access changes for anybody, and a person for themselves alone. */
const writing: Right = { access: 'any', resource: 'own', applications: ['Presence.ReadWrite.All'] };

/** The actions of the facade that write presence; beside `/me` they name whose it is. */
export const graphActions = [
  'setPresence',
  'clearPresence',
  'setUserPreferredPresence',
  'clearUserPreferredPresence',
  'setStatusMessage',
] as const;
/** What is read of a person in Graph's shape, below `/me` and `/users/{id}`. */
const graphReads = [
  '',
  '/presence',
  '/manager',
  '/directReports',
  '/people',
  '/photo',
  '/photo/$value',
  '/photos/{size}',
  '/photos/{size}/$value',
];

const graphRights: Readonly<Record<string, Right>> = Object.fromEntries([
  ...graphReads.map((what) => [`GET /graph/v1.0/me${what}`, own] as const),
  ['GET /graph/v1.0/users', directory] as const,
  ...graphReads.map((what) => [`GET /graph/v1.0/users/{id}${what}`, directory] as const),
  ['GET /graph/v1.0/communications/presences/{id}', directory] as const,
  ['POST /graph/v1.0/communications/getPresencesByUserId', directory] as const,
  ...graphActions.map((action) => [`POST /graph/v1.0/me/presence/${action}`, own] as const),
  ...graphActions.map((action) => [`POST /graph/v1.0/users/{id}/presence/${action}`, writing] as const),
  ...graphActions.map(
    (action) => [`POST /graph/v1.0/communications/presences/{id}/${action}`, writing] as const,
  ),
  ['POST /graph/v1.0/$batch', directory] as const,
]);

export const rights: Readonly<Record<string, Right>> = {
  ...graphRights,
  'GET /config': anonymous,
  'GET /openapi.json': anonymous,
  'POST /demo/token': anonymous,
  'POST /session/token': anonymous,
  'POST /session/renew': anonymous,
  'POST /session/end': anonymous,
  'POST /session/exchange': anonymous,

  'GET /me': own,
  'GET /me/presence': own,
  'PUT /me/presence/preferred': own,
  'DELETE /me/presence/preferred': own,
  'PUT /me/publications/{publicationId}': own,
  'DELETE /me/publications/{publicationId}': own,
  'PUT /me/note': own,
  'DELETE /me/note': own,
  'PUT /me/out-of-office': own,
  'DELETE /me/out-of-office': own,
  'PUT /me/privacy': own,
  'PUT /me/photo': own,
  'DELETE /me/photo': own,
  'PUT /me/exchange-account': own,
  'DELETE /me/exchange-account': own,
  'GET /me/messaging': own,
  'PUT /me/messaging': own,
  'GET /me/contacts/export': own,
  'POST /me/contacts/import': own,
  'GET /me/watchers': own,
  'GET /me/contacts': own,
  'PUT /me/contacts/{id}': own,
  'DELETE /me/contacts/{id}': own,
  'GET /me/groups': own,
  'POST /me/groups': own,
  'PATCH /me/groups/{id}': own,
  'DELETE /me/groups/{id}': own,
  'GET /me/connections': own,
  'PUT /me/connections': own,
  'GET /me/calendar': own,
  'PUT /me/calendar': own,
  'DELETE /me/calendar': own,
  'DELETE /me/endpoints/{id}': { access: 'any', resource: 'own', applications: watching },

  'GET /people': directory,
  'GET /people/{id}': directory,
  'GET /people/{id}/photo': directory,
  'POST /people/resolve': directory,
  'POST /people/expand': directory,
  'GET /people/{id}/free-busy': directory,
  'GET /presence/{id}': directory,
  'POST /presence/query': directory,

  'GET /events': { access: 'any', resource: 'own', applications: watching },
  'PUT /streams/{streamId}/watch': stream,
  'PATCH /streams/{streamId}/watch': stream,
  'POST /streams/{streamId}/alive': stream,
  'POST /streams/{streamId}/token': stream,

  'POST /conversations': own,
  'GET /conversations': own,
  'GET /conversations/{id}': conversation,
  'PATCH /conversations/{id}': conversation,
  'POST /conversations/{id}/participants': conversation,
  'DELETE /conversations/{id}/participants/{personId}': conversation,
  'PATCH /conversations/{id}/participants/{personId}': conversation,
  'POST /conversations/{id}/invitation': conversation,
  'POST /conversations/{id}/messages': conversation,
  'GET /conversations/{id}/messages': conversation,
  'GET /conversations/{id}/messages/{messageId}': conversation,
  'PATCH /conversations/{id}/messages/{messageId}': message,
  'DELETE /conversations/{id}/messages/{messageId}': message,
  'PUT /conversations/{id}/messages/{messageId}/reactions/{emoji}': conversation,
  'DELETE /conversations/{id}/messages/{messageId}/reactions/{emoji}': conversation,
  'GET /conversations/{id}/messages/{messageId}/versions': conversation,
  'PUT /conversations/{id}/read': conversation,
  'POST /conversations/{id}/typing': conversation,
  'GET /search': own,
  'POST /attachments': own,
  'GET /attachments/{id}': attachment,

  'POST /admin/users/{id}/revoke': admin,
  'POST /admin/users/{id}/disable': admin,
  'POST /admin/users/{id}/enable': admin,
  'GET /admin/cdr': exporting,
  'GET /admin/cdr/summary': exporting,
  'GET /admin/archive': exporting,
  'PUT /admin/archive/people/{id}': admin,
  'GET /admin/retention': admin,
  'PUT /admin/retention': admin,
  'GET /admin/holds': admin,
  'POST /admin/holds': admin,
  'DELETE /admin/holds/{id}': admin,
  'GET /admin/policy': admin,
  'PUT /admin/policy': admin,
  'GET /admin/status': admin,
  'GET /admin/audit': admin,
};

/** Why this caller may not call a route with this access and row, as a sentence, or null when they may. */
export function refusalFor(access: Access, right: Right | undefined, principal: Principal): string | null {
  if (access === 'anonymous') return null;
  if (principal.kind === 'application') {
    const opening = right?.applications ?? [];
    if (opening.length === 0) return 'This is for people, not for applications.';
    if (opening.some((role) => principal.roles.has(role))) return null;
    return `This needs one of the application roles ${opening.map(nameOf).join(', ')}.`;
  }
  return access === 'admin' && !principal.roles.has('admin') ? 'This needs the role "admin".' : null;
}

const nameOf = (role: string): string => (role === 'admin' ? 'Admin' : role);

/** Rows in words, for docs/RIGHTS.md. */
export function rightsInWords(): string {
  const rows = Object.entries(rights).map(([route, { access, resource, applications }]) => {
    const people = { anonymous: 'everybody', person: 'people', any: 'people', admin: 'administrators' }[
      access
    ];
    const programs = access === 'anonymous' ? 'everybody' : applications.map(nameOf).join(', ') || '–';
    return `| \`${route}\` | ${people} | ${programs} | ${resource} |`;
  });
  return `${rows.join('\n')}\n`;
}
