/**
 * People in Graph's shape: `/me`, `/users`, managers, reports, people, photos. Each as far as the caller may
 * see them (CO1); what is withheld is null, as it is there for what a tenant does not know.
 */

import { isUuid, type UserId } from '../../domain/ids.ts';
import type { Disclosed } from '../../domain/privacy.ts';
import type { Directory, PersonRecord, Photo } from '../../ports/directory.ts';
import type { Person } from '../../protocol/contacts.ts';
import type { Photos } from '../../services/photos.ts';
import type { PresenceService } from '../../services/presence.ts';
import {
  type GraphAnswer,
  type GraphCall,
  type GraphRow,
  noSuchUser,
  ODataError,
  watcherOf,
} from './call.ts';
import { createUserFinder } from './find-users.ts';
import type { ODataQuery } from './query.ts';

export interface PeopleServices {
  readonly presence: Pick<PresenceService, 'personFor' | 'entryClass'>;
  readonly directory: Directory;
  readonly contactsOf: (userId: UserId) => Promise<readonly UserId[]>;
  readonly photos: Pick<Photos, 'get'>;
}

/** What Graph answers without `$select`. */
const defaults = new Set(
  'businessPhones,displayName,givenName,jobTitle,mail,mobilePhone,officeLocation,preferredLanguage,surname,userPrincipalName,id'
    .toLowerCase()
    .split(','),
);

const userOf = (person: Disclosed<Person>): Record<string, unknown> => ({
  businessPhones: person.phones.work === null ? [] : [person.phones.work],
  displayName: person.displayName,
  // The directory keeps names whole: which part of one is the family's, only its owner knows.
  givenName: null,
  jobTitle: person.title,
  mail: person.address,
  mobilePhone: person.phones.mobile,
  officeLocation: person.office,
  preferredLanguage: null,
  surname: null,
  userPrincipalName: person.upn ?? person.address,
  id: person.id,
  department: person.department,
  companyName: person.company,
  imAddresses: [person.address],
  proxyAddresses: person.addresses.map((address) =>
    address.includes(':') || address.startsWith('/') ? address : `smtp:${address}`,
  ),
  userType: person.external ? 'Guest' : 'Member',
  accountEnabled: true,
});

function selected(user: Record<string, unknown>, select: ODataQuery['select']): Record<string, unknown> {
  const wanted = select ?? defaults;
  return Object.fromEntries(Object.entries(user).filter(([name]) => wanted.has(name.toLowerCase())));
}

const directoryObject = { '@odata.type': '#microsoft.graph.user' };

/** A person as Graph's people route ranks them: the first is the closest. */
const rankedPerson = (person: Disclosed<Person>, at: number) => ({
  id: person.id,
  displayName: person.displayName,
  givenName: null,
  surname: null,
  birthday: null,
  personNotes: null,
  isFavorite: false,
  jobTitle: person.title,
  companyName: person.company,
  yomiCompany: null,
  department: person.department,
  officeLocation: person.office,
  profession: null,
  userPrincipalName: person.upn ?? person.address,
  imAddress: `sip:${person.address}`,
  scoredEmailAddresses: [
    { address: person.address, relevanceScore: Math.max(1, 100 - at), selectionLikelihood: 'notSpecified' },
  ],
  phones: [
    ...(person.phones.work === null ? [] : [{ type: 'business', number: person.phones.work }]),
    ...(person.phones.mobile === null ? [] : [{ type: 'mobile', number: person.phones.mobile }]),
  ],
  postalAddresses: [],
  websites: [],
  personType: { class: 'Person', subclass: 'OrganizationUser' },
});

export function peopleRows({ presence, directory, contactsOf, photos }: PeopleServices): GraphRow[] {
  const finder = createUserFinder(directory);

  const seen = (record: PersonRecord, call: GraphCall) =>
    presence.personFor(record, watcherOf(call.principal));

  /** Whom `/me` or `/users/{id or sign-in name}` means; throws Graph's 404. */
  async function recordOf(call: GraphCall): Promise<PersonRecord> {
    const id = call.params.id ?? call.principal.userId;
    const [record] = isUuid(id) ? await directory.persons([id]) : await directory.resolve([id]);
    if (record == null) throw noSuchUser(id);
    return record;
  }

  /** The chain above somebody, as deep as was asked for; a circle ends it. */
  async function managerOf(
    call: GraphCall,
    record: PersonRecord,
    levels: number,
    met: Set<string>,
  ): Promise<Record<string, unknown> | null> {
    const managerId = seen(record, call).managerId;
    if (managerId === null || levels === 0 || met.has(managerId)) return null;
    const [manager] = await directory.persons([managerId]);
    if (manager == null) return null;
    met.add(managerId);
    const above = await managerOf(call, manager, levels - 1, met);
    return {
      ...directoryObject,
      ...selected(userOf(seen(manager, call)), null),
      ...(above === null ? {} : { manager: above }),
    };
  }

  const context = (call: GraphCall, what: string) => ({ '@odata.context': `${call.root}/$metadata#${what}` });

  async function user(call: GraphCall): Promise<GraphAnswer> {
    const record = await recordOf(call);
    const manager =
      call.query.managers > 0
        ? await managerOf(call, record, call.query.managers, new Set([record.id]))
        : null;
    return {
      status: 200,
      body: {
        ...context(call, 'users/$entity'),
        ...selected(userOf(seen(record, call)), call.query.select),
        ...(manager === null ? {} : { manager }),
      },
    };
  }

  async function users(call: GraphCall): Promise<GraphAnswer> {
    const { query, root } = call;
    const top = query.top ?? 100;
    const found = await finder.find(query, top, (record) => userOf(seen(record, call)));
    const more = new URLSearchParams();
    if (found.next !== null) {
      more.set('$top', String(top));
      if (query.select !== null) more.set('$select', [...query.select].join(','));
      if (query.search.length > 0)
        more.set('$search', query.search.map((term) => `"displayName:${term}"`).join(' OR '));
      more.set('$skiptoken', found.next);
    }
    return {
      status: 200,
      body: {
        ...context(call, 'users'),
        ...(query.count && found.count !== null ? { '@odata.count': found.count } : {}),
        ...(found.next === null ? {} : { '@odata.nextLink': `${root}/users?${more}` }),
        value: found.people.map((record) => selected(userOf(seen(record, call)), query.select)),
      },
    };
  }

  async function manager(call: GraphCall): Promise<GraphAnswer> {
    const record = await recordOf(call);
    const { managerId } = seen(record, call);
    const [found] = managerId === null ? [] : await directory.persons([managerId]);
    if (found == null) throw noSuchUser('manager');
    return {
      status: 200,
      body: {
        ...context(call, 'directoryObjects/$entity'),
        ...directoryObject,
        ...selected(userOf(seen(found, call)), call.query.select),
      },
    };
  }

  async function directReports(call: GraphCall): Promise<GraphAnswer> {
    const record = await recordOf(call);
    // Whoever may not see a person's manager does not learn it from the manager's side either.
    const reports = (await directory.reports(record.id))
      .map((each) => seen(each, call))
      .filter(({ managerId }) => managerId === record.id);
    return {
      status: 200,
      body: {
        ...context(call, 'directoryObjects'),
        ...(call.query.count ? { '@odata.count': reports.length } : {}),
        value: reports
          .slice(0, call.query.top ?? 100)
          .map((each) => ({ ...directoryObject, ...selected(userOf(each), call.query.select) })),
      },
    };
  }

  /**
   * One's own: the contact list, and whom the directory finds. Whose contacts somebody else has is theirs
   * to know; of them, the people around them in the organisation are shown.
   */
  async function people(call: GraphCall): Promise<GraphAnswer> {
    const record = await recordOf(call);
    const top = call.query.top ?? 10;
    const isOwn = record.id === call.principal.userId;
    let found: readonly (PersonRecord | null)[];
    if (call.query.search.length > 0) found = await directory.search(call.query.search.join(' '), top, null);
    else if (isOwn) found = await directory.persons((await contactsOf(record.id)).slice(0, top));
    else {
      const { managerId } = seen(record, call);
      const reports = (await directory.reports(record.id)).filter(
        (each) => seen(each, call).managerId === record.id,
      );
      found = [...(managerId === null ? [] : await directory.persons([managerId])), ...reports];
    }
    const items = found.filter((each) => each !== null).slice(0, top);
    const isSelected = ([name]: [string, unknown]) =>
      call.query.select === null || call.query.select.has(name.toLowerCase());
    return {
      status: 200,
      body: {
        ...context(call, `users('${record.id}')/people`),
        value: items.map((each, at) =>
          Object.fromEntries(Object.entries(rankedPerson(seen(each, call), at)).filter(isSelected)),
        ),
      },
    };
  }

  async function photoFor(call: GraphCall): Promise<Photo> {
    const { id } = await recordOf(call);
    const photo = await photos.get(id, presence.entryClass(id, watcherOf(call.principal)));
    if (photo === null)
      throw new ODataError(404, 'ImageNotFound', 'There is no photo of this person to see.');
    return photo;
  }
  async function photo(call: GraphCall): Promise<GraphAnswer> {
    const { mediaType, tag } = await photoFor(call);
    return {
      status: 200,
      body: {
        ...context(call, 'photo'),
        '@odata.mediaContentType': mediaType,
        '@odata.mediaEtag': `"${tag}"`,
        id: call.params.size ?? 'default',
        height: null,
        width: null,
      },
    };
  }
  async function photoValue(call: GraphCall): Promise<GraphAnswer> {
    const { mediaType, bytes, tag } = await photoFor(call);
    return { status: 200, bytes: { mediaType, content: Buffer.from(bytes) }, headers: { ETag: `"${tag}"` } };
  }

  const each = (path: string, handle: GraphRow['handle']): GraphRow[] =>
    ['/me', '/users/{id}'].map((whose) => ({
      method: 'GET',
      path: `${whose}${path}`,
      limit: 'query',
      handle,
    }));
  return [
    ...each('', user),
    { method: 'GET', path: '/users', limit: 'search', handle: users },
    ...each('/manager', manager),
    ...each('/directReports', directReports),
    ...each('/people', people),
    ...each('/photo', photo),
    ...each('/photo/$value', photoValue),
    ...each('/photos/{size}', photo),
    ...each('/photos/{size}/$value', photoValue),
  ];
}
