/**
 * The organisation's people as they lie in the store, with the recently asked ones in memory: faces are
 * looked up far more often than they change.
 */
import type { UserId } from '../../domain/ids.ts';
import { addressKey } from '../../domain/words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory, Expansion, ListRecord, PersonRecord } from '../../ports/directory.ts';
import type { AccountReads } from '../../ports/store-accounts.ts';

/** How long a changed title may show its old self on another node. */
const keptMs = 60_000;
/** About 20 MB of people. */
const keptPeople = 20_000;
/**
 * To put the people of a list of 50,000 in order takes 70 ms, and a mail to all is opened by all within minutes:
 * lists are kept as well. About 10 MB where each has 500 people in an answer.
 */
const keptLists = 500;

interface KeptList {
  readonly list: ListRecord;
  readonly ids: readonly UserId[];
  readonly total: number;
}

/** Makes the directory over the people of a store. */
export function createStoredDirectory(accounts: AccountReads, clock: Clock): Directory {
  let kept = new Map<string, PersonRecord>();
  let forgetAt = 0;
  let lists = new Map<string, Promise<KeptList | null>>();
  let forgetListsAt = 0;

  const keep = (people: readonly (PersonRecord | null)[]) => {
    for (const person of people) if (person !== null && kept.size < keptPeople) kept.set(person.id, person);
  };

  const persons: Directory['persons'] = async (ids) => {
    const now = clock.now();
    if (now >= forgetAt || kept.size >= keptPeople) {
      kept = new Map();
      forgetAt = now + keptMs;
    }
    const wanted = ids.map((id) => id.toLowerCase());
    const missing = [...new Set(wanted.filter((id) => !kept.has(id)))];
    const found = missing.length === 0 ? [] : await accounts.people(missing);
    keep(found);
    const fresh = new Map(found.map((person, index) => [missing[index] as string, person]));
    return wanted.map((id) => kept.get(id) ?? fresh.get(id) ?? null);
  };

  /** The list at an address with up to `limit` of its people. Asked once by all who ask at once. */
  function listAt(key: string, address: string, limit: number): Promise<KeptList | null> {
    const known = lists.get(key);
    if (known !== undefined) return known;
    const asked = accounts
      .expand([address], limit)
      .then(([found]) =>
        found == null
          ? null
          : { list: found.list, ids: found.people.map(({ id }) => id), total: found.total },
      );
    lists.set(key, asked);
    // What failed is asked for again by the next.
    asked.catch(() => lists.delete(key));
    return asked;
  }

  async function expand(addresses: readonly string[], limit: number): Promise<readonly (Expansion | null)[]> {
    const now = clock.now();
    if (now >= forgetListsAt || lists.size >= keptLists) {
      lists = new Map();
      forgetListsAt = now + keptMs;
    }
    const keyOf = (address: string) => `${limit} ${addressKey(address)}`;
    // Most addresses that are asked about are no list's: those cost one look-up together, and are not kept.
    const unknown = addresses.filter((address) => !lists.has(keyOf(address)));
    const named = unknown.length === 0 ? [] : await accounts.listsAt(unknown);
    const isList = new Set(unknown.filter((_, at) => named[at] !== null));
    const expanded: (Expansion | null)[] = [];
    let left = limit;
    for (const address of addresses) {
      const key = keyOf(address);
      const found = lists.has(key) || isList.has(address) ? await listAt(key, address, limit) : null;
      if (found === null) {
        expanded.push(null);
        continue;
      }
      const ids = found.ids.slice(0, left);
      left -= ids.length;
      const people = (await persons(ids)).filter((one) => one !== null);
      expanded.push({ list: found.list, people, total: found.total });
    }
    return expanded;
  }

  return {
    persons,
    resolve: (addresses) => accounts.resolve(addresses),
    expand,
    search: (query, limit, after) => accounts.search(query, limit, after),
    reports: (managerId) => accounts.reports(managerId),
    photo: (personId) => accounts.photo(personId),
    forget: (personId) => {
      kept.delete(personId);
    },
    page: (after, limit) => accounts.page(after, limit),
    count: () => accounts.count(),
  };
}
