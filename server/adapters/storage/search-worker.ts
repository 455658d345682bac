/**
 * The full-text index on a thread of its own: a search over a million messages and the merging of the index
 * must not hold up a send. One SQLite file beside the store's, FTS5; lost or damaged, it is made again.
 */
import { rmSync } from 'node:fs';
import { platform, setPriority } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { foldLetters, hasBeginning, wordsBeginning } from '../../domain/beginnings.ts';
import { scriptioContinua } from '../../domain/search.ts';
import type { IndexEntry, SearchHit, SearchIndex, SearchQuery } from '../../ports/search-index.ts';
import type { Message } from '../../protocol/conversations.ts';
import { openDatabase } from './sqlite-database.ts';

/** Raised when the tables or the way of cutting words change: an older index is made again. */
const indexVersion = 3;

/** Stands between signs of scripts without blanks, so that each is a word; and around what matched. */
const cut = '\u2063';
const [matchStart, matchEnd] = ['\ufdd0', '\ufdd1'];
const reserved = /[\u2063\ufdd0\ufdd1]/;
const reservedAll = /[\u2063\ufdd0\ufdd1]/g;

// A beginning of two or three letters is looked up like a word; without that a search for `re…` would merge the
// places of every word that begins so. Longer ones belong to few words, and each length costs every message.
const tables = `
  create table position (id integer primary key check (id = 1), epoch text not null, seq integer not null) strict;
  create table conversation (number integer primary key, id text not null unique) strict;
  create table doc (
    place integer primary key, message_id text not null unique, conversation integer not null, seq integer not null,
    from_id text not null, sent_at integer not null, withheld integer not null, text text not null, token text not null) strict;
  create virtual table fts using fts5 (
    text, token, content = 'doc', content_rowid = 'place', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
  pragma user_version = ${indexVersion};`;

function open(file: string): DatabaseSync {
  const database = openDatabase(file, false);
  database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  const { user_version: version } = database.prepare('pragma user_version').get() as { user_version: number };
  if (version === indexVersion) return database;
  if (version !== 0) {
    database.close();
    throw new Error('The search index is of another version.');
  }
  database.exec(`begin; ${tables} commit;`);
  return database;
}

function openOrReplace(file: string): DatabaseSync {
  try {
    return open(file);
  } catch {
    // Damaged, or of another version: nothing in it is the only copy of anything.
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    return open(file);
  }
}

/** Signs of scripts without blanks are set apart; everything else stays as it is. */
function prepared(text: string): string {
  const plain = reserved.test(text) ? text.replace(reservedAll, ' ') : text;
  if (!scriptioContinua.test(plain)) return plain;
  let out = '';
  let wasSign = false;
  for (const sign of plain) {
    const isSign = scriptioContinua.test(sign);
    out += out !== '' && (isSign || wasSign) ? cut + sign : sign;
    wasSign = isSign;
  }
  return out;
}

/** Where in the text the matches lie, told from the text with its marks. */
function rangesOf(marked: string): [number, number][] {
  const ranges: [number, number][] = [];
  let at = 0;
  let start = 0;
  for (let index = 0; index < marked.length; index++) {
    const sign = marked[index];
    if (sign === cut) continue;
    if (sign === matchStart) start = at;
    else if (sign === matchEnd) {
      const last = ranges.at(-1);
      // Sign by sign matched, but it is one word to who reads it.
      if (last !== undefined && last[1] === start) last[1] = at;
      else ranges.push([start, at]);
    } else at += 1;
  }
  return ranges;
}

/** How many numbers of conversations are remembered; about 10 MB. */
const mostNumbers = 50_000;

/**
 * Beginnings of this length and more are not in the index: FTS5 would merge the places of every word that begins
 * so before it looks at anything else, which for common letters is most of the index.
 */
const longBeginning = 4;

/**
 * Opening the places of one conversation costs as much as looking at so many messages that have the words. So the
 * latest of these are looked at, whosever they are, and only then is the index asked conversation by conversation:
 * whoever is in thousands of them finds common words at once, and a word that others use elsewhere is found, too.
 */
const looksPerConversation = 25;

const tokenOf = (number: number): string => `c${number.toString(36)}`;
const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`;

type Found = {
  readonly place: number;
  readonly message_id: string;
  readonly conversation: number;
  readonly conversation_id: string;
  readonly seq: number;
  readonly text: string;
  readonly marked: string;
};

const toHit = (row: Found, marked: string): SearchHit => ({
  place: row.place,
  messageId: row.message_id as SearchHit['messageId'],
  conversationId: row.conversation_id as SearchHit['conversationId'],
  seq: row.seq,
  highlights: rangesOf(marked),
});

/** The beginning that is better looked for in what has the other words than in the index; null where it is not. */
function beginningOf({ terms, isLastPrefix }: SearchQuery): string | null {
  const last = terms.at(-1) ?? [];
  if (!isLastPrefix || terms.length < 2 || last.length !== 1) return null;
  const [word = ''] = last;
  const folded = foldLetters(word);
  return folded.length >= longBeginning && !scriptioContinua.test(word) ? folded : null;
}

function createIndex(file: string) {
  const database = openOrReplace(file);
  database.function('has_beginning', { deterministic: true }, (text, beginning) =>
    hasBeginning(String(text), String(beginning)) ? 1 : 0,
  );
  /** The search that is under way: whose conversations, by number, and how many others' messages it may look at. */
  let own: ReadonlySet<number> = new Set();
  let looks = 0;
  database.function('is_own_or_last', (conversation) => {
    if (own.has(Number(conversation))) return 1;
    looks -= 1;
    return looks < 0 ? 1 : 0;
  });
  // Newest first and only until there are enough. What is looked at is counted before anything else is asked of it.
  const found = (columns: string) => `
    select doc.place, doc.message_id, doc.conversation, conversation.id as conversation_id, doc.seq, ${columns}
    from fts join doc on doc.place = fts.rowid join conversation on conversation.number = doc.conversation
    where fts match ? and fts.rowid < ? and is_own_or_last(doc.conversation)
      and (doc.withheld = 0 or doc.from_id = ?) and (? is null or doc.from_id = ?)
      and doc.sent_at > ? and doc.sent_at < ?`;
  const select = {
    position: database.prepare('select epoch, seq from position'),
    conversation: database.prepare('select number from conversation where id = ?'),
    doc: database.prepare('select place, text, token from doc where message_id = ?'),
    // What has the other words is read, and most of it is not.
    findBeginning: database.prepare(
      `${found('doc.text')} and has_beginning(doc.text, ?) order by fts.rowid desc limit ?`,
    ),
    marked: database.prepare(
      `select highlight(fts, 0, '${matchStart}', '${matchEnd}') as marked from fts where fts match ? and rowid = ?`,
    ),
    find: database.prepare(
      `${found(`highlight(fts, 0, '${matchStart}', '${matchEnd}') as marked`)} order by fts.rowid desc limit ?`,
    ),
  };
  const write = {
    position: database.prepare('insert or replace into position values (1, ?, ?)'),
    conversation: database.prepare('insert into conversation (id) values (?)'),
    doc: database.prepare(
      `insert into doc (place, message_id, conversation, seq, from_id, sent_at, withheld, text, token)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    fts: database.prepare('insert into fts (rowid, text, token) values (?, ?, ?)'),
    forgetFts: database.prepare(`insert into fts (fts, rowid, text, token) values ('delete', ?, ?, ?)`),
    forgetDoc: database.prepare('delete from doc where place = ?'),
  };

  /** Numbers of conversations that have lately been written to or searched. */
  const numbers = new Map<string, number>();

  /** Null for a conversation in which nothing was said. */
  function knownNumber(conversationId: string): number | null {
    let number = numbers.get(conversationId);
    if (number === undefined) {
      const known = select.conversation.get(conversationId) as { number: number } | undefined;
      if (known === undefined) return null;
      number = known.number;
      remember(conversationId, number);
    }
    return number;
  }

  function remember(conversationId: string, number: number): void {
    if (numbers.size >= mostNumbers) numbers.clear();
    numbers.set(conversationId, number);
  }

  function numberOf(conversationId: string): number {
    const known = knownNumber(conversationId);
    if (known !== null) return known;
    const number = Number(write.conversation.run(conversationId).lastInsertRowid);
    remember(conversationId, number);
    return number;
  }

  /** Takes a message out; where it stood, null where it was not in. */
  function take(id: string): number | null {
    const known = select.doc.get(id) as { place: number; text: string; token: string } | undefined;
    if (known === undefined) return null;
    write.forgetFts.run(known.place, known.text, known.token);
    write.forgetDoc.run(known.place);
    return known.place;
  }

  function put({ json, withheld }: IndexEntry): void {
    const given = JSON.parse(json) as Message | { readonly message: Message };
    const message = 'message' in given ? given.message : given;
    // An edited message keeps its place, so that hits stay in the order of the talk.
    const place = take(message.id);
    if (message.deletedAt !== null || message.text === '') return;
    const number = numberOf(message.conversationId);
    const [text, token] = [prepared(message.text), tokenOf(number)];
    const { lastInsertRowid } = write.doc.run(
      place,
      message.id,
      number,
      message.seq,
      message.fromId,
      Date.parse(message.sentAt),
      withheld ? 1 : 0,
      text,
      token,
    );
    write.fts.run(lastInsertRowid, text, token);
  }

  /** As one step, or not at all. */
  function atOnce(step: () => void): void {
    database.exec('begin immediate');
    try {
      step();
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      // It may remember a conversation whose row has just been undone.
      numbers.clear();
      throw error;
    }
  }

  return {
    position: () => (select.position.get() as { epoch: string; seq: number } | undefined) ?? null,

    update(entries: readonly IndexEntry[], position: { epoch: string; seq: number } | null): void {
      atOnce(() => {
        for (const entry of entries) put(entry);
        if (position !== null) write.position.run(position.epoch, position.seq);
      });
    },

    remove(ids: readonly string[]): void {
      atOnce(() => {
        for (const id of ids) take(id);
      });
    },

    clear(): void {
      numbers.clear();
      database.exec(
        `begin; insert into fts (fts) values ('delete-all'); delete from doc; delete from conversation; delete from position; commit`,
      );
    },

    find(query: SearchQuery): SearchHit[] {
      own = new Set(query.conversations.map(knownNumber).filter((number) => number !== null));
      if (own.size === 0) return [];
      looks = own.size * looksPerConversation;
      const beginning = beginningOf(query);
      const exact = query.terms.slice(0, beginning === null ? undefined : -1).map((term, index) => {
        const isPrefix = beginning === null && query.isLastPrefix && index === query.terms.length - 1;
        return `${quoted(term.join(' '))}${isPrefix ? ' *' : ''}`;
      });
      const words = `text : (${exact.join(' AND ')})`;
      const rowsOf = (match: string, behind: number, limit: number) => {
        const bounds = [
          match,
          behind,
          query.viewerId,
          query.fromId,
          query.fromId,
          query.sentAfter ?? -1,
          query.sentBefore ?? Number.MAX_SAFE_INTEGER,
        ];
        return (
          beginning === null
            ? select.find.iterate(...bounds, limit)
            : select.findBeginning.iterate(...bounds, beginning, limit)
        ) as Iterable<Found>;
      };
      const hitOf = (row: Found): SearchHit => {
        if (beginning === null) return toHit(row, row.marked);
        // Its own words in place of the beginning: a look at one place, by a few terms.
        const begun = wordsBeginning(row.text, beginning).map(quoted);
        const { marked } = (select.marked.get(
          `text : (${exact.join(' AND ')} AND (${begun.join(' OR ')}))`,
          row.place,
        ) ?? { marked: '' }) as { marked: string };
        return toHit(row, marked);
      };
      const hits: SearchHit[] = [];
      const start = query.behind ?? Number.MAX_SAFE_INTEGER;
      let lookedUntil: number | null = null;
      for (const row of rowsOf(words, start, query.limit)) {
        if (own.has(row.conversation)) hits.push(hitOf(row));
        else {
          lookedUntil = row.place;
          break;
        }
      }
      if (lookedUntil === null) return hits;
      const within = `token : (${[...own].map(tokenOf).join(' OR ')})`;
      for (const row of rowsOf(`${words} AND ${within}`, lookedUntil, query.limit - hits.length))
        hits.push(hitOf(row));
      return hits;
    },

    close: () => database.close(),
  };
}

export type SearchCall = {
  readonly [Name in keyof SearchIndex]: {
    readonly call: number;
    readonly name: Name;
    readonly args: Parameters<SearchIndex[Name]>;
  };
}[keyof SearchIndex];
export type SearchReply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: string };

/** Behind whoever waits for an answer, where cores are scarce. */
const priority = 5;
// On Linux this is about the calling thread alone; elsewhere it would be about the whole process.
if (platform() === 'linux') setPriority(priority);

const index = createIndex((workerData as { file: string }).file);
parentPort?.on('message', ({ call, name, args }: SearchCall) => {
  try {
    const result: unknown = (index[name] as (...given: unknown[]) => unknown)(...args);
    parentPort?.postMessage({ call, result } satisfies SearchReply);
  } catch (error) {
    parentPort?.postMessage({ call, error: String(error) } satisfies SearchReply);
  }
  if (name === 'close') parentPort?.close();
});
