/**
 * People of Microsoft 365 by delta query, and then its groups: the first round is everybody, the next ones are
 * what changed. Links are Graph's own and are kept as they came.
 */
import { isUuid, toUserId, type UserId } from '../../domain/ids.ts';
import { SourceFailure } from '../../domain/source-failure.ts';
import type { KnownFields, PeopleSource, PersonChange } from '../../ports/people-source.ts';
import { batchMost, type GraphClient } from './client.ts';
import { pageOfLists } from './lists.ts';
import { type DeltaUser, deltaPageSchema } from './shapes.ts';

const everyMs = 5 * 60_000;
const selected =
  'id,displayName,mail,userPrincipalName,proxyAddresses,jobTitle,companyName,department,officeLocation,businessPhones,mobilePhone,userType,accountEnabled,manager';

export function createGraphPeople(graph: GraphClient): PeopleSource {
  return {
    name: 'graph',
    everyMs,
    async page(from) {
      const place = readPlace(from);
      if (place.at === 'lists') {
        const page = await pageOfLists(graph, place.lists);
        // Groups that may not be read are asked for again in the next round, from where they were.
        if (page === null) return { changes: [], next: null, token: placeText({ ...place, at: 'people' }) };
        const { lists, next, token } = page;
        return {
          changes: [],
          lists,
          next: next === null ? null : placeText({ ...place, lists: next }),
          token: next === null ? placeText({ ...place, at: 'people', lists: token }) : null,
        };
      }
      const answer = await graph.get(place.people ?? `/users/delta?$select=${selected}`, deltaPageSchema);
      const next = answer['@odata.nextLink'] ?? null;
      const token = answer['@odata.deltaLink'] ?? null;
      if (next === null && token === null)
        throw new SourceFailure(
          'broken',
          'Microsoft Graph ended a list of people without a link to go on from.',
        );
      return {
        changes: answer.value.flatMap(toChange),
        next: placeText(
          next === null ? { ...place, at: 'lists', people: token } : { ...place, people: next },
        ),
        token: null,
      };
    },
    async photos(ids: readonly UserId[]) {
      const replies = await graph.batch(
        ids.slice(0, batchMost).map((id) => ({ method: 'GET', url: `/users/${id}/photos/96x96/$value` })),
      );
      return replies.map((reply) => {
        if (reply.kind === 'wait') return undefined;
        if (reply.status === 200 && typeof reply.body === 'string') return Buffer.from(reply.body, 'base64');
        return reply.status === 404 ? null : undefined;
      });
    },
  };
}

/** Where a round is: people first, then lists, each with Graph's link to go on from (null = from the beginning). */
interface Place {
  readonly at: 'people' | 'lists';
  readonly people: string | null;
  readonly lists: string | null;
}
const placeText = (place: Place): string => JSON.stringify(place);
function readPlace(text: string | null): Place {
  if (text?.startsWith('{')) return JSON.parse(text) as Place;
  // A bare link is a place that was kept before there were lists.
  return { at: 'people', people: text, lists: null };
}

/** Graph's user as a change of ours; nothing for what is no person (an id that is none, an account without any address). */
function toChange(user: DeltaUser): PersonChange[] {
  if (!isUuid(user.id)) return [];
  const id = toUserId(user.id.toLowerCase());
  if (user['@removed'] != null) return [{ id, fields: {}, gone: true }];
  const fields: { -readonly [Field in keyof KnownFields]: KnownFields[Field] } = {};
  const has = (name: keyof DeltaUser) => user[name] !== undefined;
  const given = (value: string | null | undefined): string | null =>
    value == null || value.trim() === '' ? null : value.normalize('NFC');

  if (given(user.displayName) !== null) fields.displayName = given(user.displayName) as string;
  const address = given(user.mail) ?? (user.mail === null ? given(user.userPrincipalName) : null);
  if (address !== null) fields.address = address.toLowerCase();
  if (has('userPrincipalName')) fields.upn = given(user.userPrincipalName)?.toLowerCase() ?? null;
  if (user.proxyAddresses != null) fields.addresses = addressesOf(address, user.proxyAddresses);
  if (has('jobTitle')) fields.title = given(user.jobTitle);
  if (has('companyName')) fields.company = given(user.companyName);
  if (has('department')) fields.department = given(user.department);
  if (has('officeLocation')) fields.office = given(user.officeLocation);
  if (has('businessPhones') || has('mobilePhone'))
    fields.phones = {
      ...(has('businessPhones') ? { work: given(user.businessPhones?.[0]) } : {}),
      ...(has('mobilePhone') ? { mobile: given(user.mobilePhone) } : {}),
    };
  if (has('userType')) fields.external = user.userType?.toLowerCase() === 'guest';
  const managers = user['manager@delta'];
  if (managers != null) {
    const now = managers.filter((manager) => manager['@removed'] == null).at(-1);
    fields.managerId = now === undefined || !isUuid(now.id) ? null : toUserId(now.id.toLowerCase());
  }
  const { accountEnabled } = user;
  return [{ id, fields, ...(accountEnabled == null ? {} : { gone: !accountEnabled }) }];
}

/** `smtp:`, `sip:` and `X500:` addresses in our own spelling: mail bare, the others with what they are. */
function addressesOf(address: string | null, proxies: readonly string[]): string[] {
  const all = [
    ...(address === null ? [] : [address]),
    ...proxies.map((proxy) =>
      proxy
        .replace(/^smtp:/i, '')
        .replace(/^x500:/i, '')
        .replace(/^sip:/i, 'sip:'),
    ),
  ].map((each) => each.trim().toLowerCase());
  return [...new Set(all.filter((each) => each !== '' && !/^(spo|eum|x400):/.test(each)))];
}
