/**
 * People by the beginnings of words. The index lies in the order of the answer (kind of word, word, name),
 * so a page is read from its place and no further, however many people match.
 */
import { sql } from 'kysely';
import type { UserId } from '../../domain/ids.ts';
import { wordsOf } from '../../domain/words.ts';
import type { Session } from './session.ts';
import type { Prepare, Statement } from './statement.ts';

/** More words than this say nothing more; they are left out of the query, the first ones count. */
const mostWords = 8;
/** Matches up to which a word is counted when the rarest one is chosen to lead. */
const countedMatches = 3_000;

/** Behind every word that begins with the prefix, in code point order. */
const behind = (prefix: string) => `${prefix}\u{10ffff}`;

interface Place {
  readonly kind: number;
  readonly word: string;
  readonly sort_name: string;
  readonly person_id: string;
}
interface PageArgs extends Place {
  readonly limit: number;
  readonly [bound: `${'from' | 'to'}${number}`]: string;
}

export function preparePeopleSearch(prepare: Prepare) {
  /** `others` further words must match as well; word 0 leads. */
  const page = (others: number): Statement<PageArgs, Place> =>
    prepare((db, p: PageArgs) => {
      const also = Array.from(
        { length: others },
        (
          _,
          index,
        ) => sql`and exists (select 1 from person_word as other where other.person_id = lead.person_id
          and other.word >= ${p[`from${index + 1}`]} and other.word < ${p[`to${index + 1}`]})`,
      );
      // A person stands at the first of their words that match, so the later ones are passed over.
      const query = sql<Place>`select lead.kind, lead.word, lead.sort_name, lead.person_id from person_word as lead
        where lead.kind = ${p.kind} and lead.word < ${p.to0}
        and (lead.word, lead.sort_name, lead.person_id) > (${p.word}, ${p.sort_name}, ${p.person_id})
        ${sql.join(also, sql` `)}
        and not exists (select 1 from person_word as earlier where earlier.person_id = lead.person_id
          and earlier.word >= ${p.from0} and earlier.word < ${p.to0}
          and (earlier.kind, earlier.word) < (lead.kind, lead.word))
        order by lead.kind, lead.word, lead.sort_name, lead.person_id limit ${p.limit}`;
      return { compile: () => query.compile(db) };
    });
  return {
    pages: Array.from({ length: mostWords }, (_, others) => page(others)),
    matches: prepare((db, p: { from: string; to: string; kind: number }) =>
      db
        .selectFrom(
          db
            .selectFrom('person_word')
            .select('kind')
            .where('kind', '=', p.kind)
            .where('word', '>=', p.from)
            .where('word', '<', p.to)
            .limit(countedMatches)
            .as('some'),
        )
        .select(({ fn }) => fn.countAll<number>().as('count')),
    ),
    place: prepare((db, p: { id: string; from: string; to: string }) =>
      db
        .selectFrom('person_word')
        .selectAll()
        .where('person_id', '=', p.id)
        .where('word', '>=', p.from)
        .where('word', '<', p.to)
        .orderBy('kind')
        .orderBy('word')
        .limit(1),
    ),
  };
}
type Statements = ReturnType<typeof preparePeopleSearch>;

const kinds = [0, 1, 2, 3];

/** Makes the search of one session; it resolves with ids, best first. */
export function createPeopleSearch(session: Session, statements: Statements) {
  const matchesOf = async (prefix: string): Promise<number> => {
    let sum = 0;
    for (const kind of kinds) {
      const row = await session.first(statements.matches, { from: prefix, to: behind(prefix), kind });
      sum += row?.count ?? 0;
      if (sum >= countedMatches) break;
    }
    return sum;
  };

  /** The words with the rarest first; among equals the order of the query stays. */
  const rarestFirst = async (words: readonly string[]): Promise<readonly string[]> => {
    if (words.length < 2) return words;
    const counted = await Promise.all(words.map(async (word) => ({ word, matches: await matchesOf(word) })));
    return counted.toSorted((a, b) => a.matches - b.matches).map(({ word }) => word);
  };

  return async (query: string, limit: number, after: UserId | null): Promise<readonly string[]> => {
    const words = await rarestFirst(wordsOf(query).slice(0, mostWords));
    const lead = words[0];
    const statement = statements.pages[words.length - 1];
    if (lead === undefined || statement === undefined) return [];
    const bounds = Object.fromEntries(
      words.flatMap((word, index) => [
        [`from${index}`, word],
        [`to${index}`, behind(word)],
      ]),
    );
    let start: Place | undefined;
    if (after !== null) {
      start = await session.first(statements.place, {
        id: after.toLowerCase(),
        from: lead,
        to: behind(lead),
      });
      // The person has gone or no longer matches: there is no place to go on from.
      if (start === undefined) return [];
    }
    const found: string[] = [];
    for (const kind of kinds) {
      if (found.length >= limit || (start !== undefined && kind < start.kind)) continue;
      const from = start?.kind === kind ? start : { word: lead, sort_name: '', person_id: '' };
      const rows = await session.all(statement, {
        ...bounds,
        kind,
        word: from.word,
        sort_name: from.sort_name,
        person_id: from.person_id,
        limit: limit - found.length,
      } as PageArgs);
      found.push(...rows.map((row) => row.person_id));
    }
    return found;
  };
}
