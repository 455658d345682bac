/**
 * `GET /users`: from Graph's `$filter` and `$search` to the directory's own questions. A filter is answered
 * by what the directory looks up quickly (ids, addresses, beginnings of names) and then judged on what the
 * caller may see, so that nothing can be learnt by filtering that is not shown.
 */
import type { UserId } from '../../domain/ids.ts';
import type { Directory, PersonRecord } from '../../ports/directory.ts';
import { badRequest } from './call.ts';
import type { Filter, ODataQuery } from './query.ts';

export interface FoundUsers {
  readonly people: readonly PersonRecord[];
  /** The place to go on from; null at the end. */
  readonly next: string | null;
  /** How many there are in all, where that is known. */
  readonly count: number | null;
}

/** How many people one condition may bring to be judged. */
const candidatesMost = 1_000;
const addressProperties = new Set(['mail', 'userprincipalname', 'proxyaddresses', 'imaddresses']);
const nameProperties = new Set([
  'displayname',
  'givenname',
  'surname',
  'mail',
  'userprincipalname',
  'department',
]);

type UserShape = (record: PersonRecord) => Record<string, unknown>;

export function createUserFinder(directory: Directory) {
  /** People among whom everybody is to whom the filter applies; null = it names nothing that can be looked up. */
  async function candidates(filter: Filter): Promise<readonly PersonRecord[] | null> {
    switch (filter.kind) {
      case 'equals': {
        const { property, values } = filter;
        if (values.length > candidatesMost) throw badRequest(`At most ${candidatesMost} values are taken.`);
        if (property === 'id') return whoAre(await directory.persons(values));
        if (addressProperties.has(property)) return whoAre(await directory.resolve(values));
        if (!nameProperties.has(property)) return null;
        return unite(await Promise.all(values.map((value) => directory.search(value, candidatesMost, null))));
      }
      case 'starts':
        if (!nameProperties.has(filter.property)) return null;
        return directory.search(filter.value, candidatesMost, null);
      case 'and': {
        for (const part of filter.parts) {
          const found = await candidates(part);
          if (found !== null) return found;
        }
        return null;
      }
      case 'or': {
        const found = await Promise.all(filter.parts.map(candidates));
        return found.some((each) => each === null) ? null : unite(found.filter((each) => each !== null));
      }
    }
  }

  return {
    /** The page that a query asks for, in the directory's order. Throws BadRequest for filters that would read everybody. */
    async find(query: ODataQuery, top: number, shape: UserShape): Promise<FoundUsers> {
      const after = query.after as UserId | null;
      if (query.filter !== null) {
        const { filter } = query;
        const found = await candidates(filter);
        if (found === null)
          throw badRequest(
            'The filter needs a condition on id, mail, userPrincipalName, displayName or department.',
          );
        const people = found.filter((record) => applies(filter, shape(record)));
        return { people: people.slice(0, top), next: null, count: people.length };
      }
      if (query.search.length > 1) {
        const found = unite(await Promise.all(query.search.map((term) => directory.search(term, top, null))));
        return { people: found.slice(0, top), next: null, count: null };
      }
      const [term] = query.search;
      const page =
        term === undefined
          ? await directory.page(after, top + 1)
          : await directory.search(term, top + 1, after);
      const people = page.slice(0, top);
      return {
        people,
        next: page.length > top ? (people.at(-1)?.id ?? null) : null,
        count: term === undefined ? await directory.count() : null,
      };
    },
  };
}

const whoAre = (records: readonly (PersonRecord | null)[]): PersonRecord[] =>
  unite([records.filter((record) => record !== null)]);

const unite = (lists: readonly (readonly PersonRecord[])[]): PersonRecord[] => [
  ...new Map(lists.flat().map((record) => [record.id, record])).values(),
];

/** The values of a property as the caller sees it, in lower case. */
function valuesOf(user: Record<string, unknown>, property: string): string[] {
  const entry = Object.entries(user).find(([name]) => name.toLowerCase() === property);
  if (entry === undefined)
    throw badRequest(`Could not find a property named '${property}' on type 'microsoft.graph.user'.`);
  const [, value] = entry;
  return (Array.isArray(value) ? value : [value]).map((each) =>
    each === null ? 'null' : String(each).toLowerCase(),
  );
}

function applies(filter: Filter, user: Record<string, unknown>): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => applies(part, user));
    case 'or':
      return filter.parts.some((part) => applies(part, user));
    case 'equals': {
      const values = valuesOf(user, filter.property);
      return filter.values.some((wanted) => values.includes(wanted.toLowerCase()));
    }
    case 'starts':
      return valuesOf(user, filter.property).some((value) => value.startsWith(filter.value.toLowerCase()));
  }
}
