/**
 * A directory in one file, for organisations whose people are in no system that we read: CSV (RFC 4180) or
 * JSON, looked at every minute. The file is the whole truth: who is no longer in it has left.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { z } from 'zod';
import { isUuid, toUserId, type UserId } from '../../domain/ids.ts';
import { SourceFailure } from '../../domain/source-failure.ts';
import type { ListChange, PeopleSource, PersonChange } from '../../ports/people-source.ts';

const everyMs = 60_000;
/** A hundred thousand people with everything that is known of them. */
const mostBytes = 64 * 1024 * 1024;
const peoplePerPage = 500;

const textSchema = z.string().trim().max(1_000).optional();
const rowSchema = z.object({
  id: textSchema,
  displayName: z.string().trim().min(1).max(256),
  address: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[^\s@]+@[^\s@]+$/, { message: 'is no mail address' })
    .max(320),
  addresses: z.union([z.array(z.string().max(1_000)), z.string().max(20_000)]).optional(),
  upn: textSchema,
  title: textSchema,
  company: textSchema,
  department: textSchema,
  office: textSchema,
  workPhone: textSchema,
  mobilePhone: textSchema,
  homePhone: textSchema,
  /** An address or an id. */
  manager: textSchema,
  external: z.union([z.boolean(), z.enum(['true', 'false', 'yes', 'no', '1', '0', ''])]).optional(),
  timeZone: textSchema,
  /** Where it is given, the row is a distribution list: addresses or ids of people and of other lists. */
  members: z.union([z.array(z.string().max(1_000)), z.string().max(1_000_000)]).optional(),
  hideMembers: z.union([z.boolean(), z.enum(['true', 'false', 'yes', 'no', '1', '0', ''])]).optional(),
});
type Row = z.infer<typeof rowSchema>;

/** Which columns or keys a file may have, for the sentence about one that is none. */
const columns = Object.keys(rowSchema.shape);

export function createFileDirectory(file: string): PeopleSource {
  /** The last reading, so that the pages of one round are of one file. */
  let read: { readonly digest: string; readonly content: FileContent } | null = null;

  return {
    name: 'file',
    everyMs,
    async page(from) {
      const [digest, start] = from === null ? [null, '0'] : (from.split(' ') as [string, string | undefined]);
      if (digest === null || start === undefined || read?.digest !== digest) {
        const text = await readWhole(file);
        const found = createHash('sha256').update(text).digest('hex');
        if (digest !== null && found !== digest) throw new SourceFailure('restart', `${file} has changed.`);
        // Where nothing changed there is nothing to tell.
        if (digest !== null && start === undefined)
          return { changes: [], lists: [], next: null, token: digest };
        read = { digest: found, content: contentOf(text, file) };
      }
      const at = Number(start);
      const end = at + peoplePerPage;
      const { people, lists } = read.content;
      const isEnd = end >= people.length;
      return {
        changes: people.slice(at, end),
        // Lists are far fewer than people: they come with the last of them.
        lists: isEnd ? lists : [],
        next: isEnd ? null : `${read.digest} ${end}`,
        token: isEnd ? read.digest : null,
      };
    },
  };
}

async function readWhole(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw new SourceFailure('broken', `${file} is larger than ${mostBytes} bytes.`);
    const handle = await open(file);
    try {
      return (await handle.readFile('utf8')).replace(/^\ufeff/, '');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof SourceFailure) throw cause;
    throw new SourceFailure(
      'wait',
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
      { cause },
    );
  }
}

interface FileContent {
  readonly people: readonly PersonChange[];
  readonly lists: readonly ListChange[];
}

/** Reads a file. Throws SourceFailure with the line and what is wrong; half a file is never taken. */
function contentOf(text: string, file: string): FileContent {
  const rows = rowsOf(text, file);
  const ids = new Map<string, UserId>();
  const seen = new Set<UserId>();
  const entries = rows.map(({ row, where }) => {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new SourceFailure('broken', `${file}, ${where}: ${issue?.path.join('.')} ${issue?.message}.`);
    }
    const person = parsed.data;
    const id = idOf(person, file, where);
    if (seen.has(id))
      throw new SourceFailure('broken', `${file}, ${where}: ${person.address} is there twice.`);
    seen.add(id);
    for (const key of [id, person.address]) ids.set(key, id);
    return { id, person };
  });
  const people = entries.filter(({ person }) => membersOf(person) === null);
  if (people.length === 0)
    throw new SourceFailure('broken', `${file} holds nobody; an empty directory is not taken.`);
  return {
    people: people.map(({ id, person }) => toChange(id, person, ids)),
    lists: entries.flatMap(({ id, person }) => {
      const members = membersOf(person);
      return members === null ? [] : [toList(id, person, members, ids)];
    }),
  };
}

/** Who is on a list, as the file names them; null for a person. A list in JSON may be empty. */
function membersOf({ members }: Row): readonly string[] | null {
  if (members === undefined || members === '') return null;
  return (typeof members === 'string' ? members.split(';') : members).map((one) => one.trim().toLowerCase());
}

const isYes = (value: boolean | string | undefined): boolean =>
  value === true || ['true', 'yes', '1'].includes(String(value ?? ''));

/** Addresses of the row, its own first, each once. */
function addressesOf({ address, addresses }: Row): string[] {
  const others = typeof addresses === 'string' ? addresses.split(';') : (addresses ?? []);
  return [...new Set([address, ...others.map((one) => one.trim().toLowerCase()).filter(Boolean)])];
}

/** Members that the file knows not, as people of other organisations, are left out. */
function toList(
  id: UserId,
  list: Row,
  members: readonly string[],
  ids: ReadonlyMap<string, UserId>,
): ListChange {
  return {
    id,
    fields: {
      displayName: list.displayName.normalize('NFC'),
      address: list.address,
      addresses: addressesOf(list),
      isHidden: isYes(list.hideMembers),
    },
    added: members.flatMap((member) => ids.get(member) ?? []),
    removed: [],
  };
}

function idOf(person: Row, file: string, where: string): UserId {
  if (person.id !== undefined && person.id !== '') {
    if (!isUuid(person.id))
      throw new SourceFailure('broken', `${file}, ${where}: the id "${person.id}" is no UUID.`);
    return toUserId(person.id.toLowerCase());
  }
  // Stable while the address is: whoever is to keep their id over a new address is given one in the file.
  const hex = createHash('sha256').update(`person ${person.address}`).digest('hex');
  return toUserId(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  );
}

function toChange(id: UserId, person: Row, ids: ReadonlyMap<string, UserId>): PersonChange {
  const given = (text: string | undefined): string | null =>
    text === undefined || text === '' ? null : text.normalize('NFC');
  return {
    id,
    gone: false,
    fields: {
      displayName: person.displayName.normalize('NFC'),
      address: person.address,
      addresses: addressesOf(person),
      upn: given(person.upn),
      title: given(person.title),
      company: given(person.company),
      department: given(person.department),
      office: given(person.office),
      phones: {
        work: given(person.workPhone),
        mobile: given(person.mobilePhone),
        home: given(person.homePhone),
      },
      managerId: person.manager === undefined ? null : (ids.get(person.manager.toLowerCase()) ?? null),
      external: isYes(person.external),
      timeZone: given(person.timeZone),
    },
  };
}

interface FoundRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly where: string;
}

function rowsOf(text: string, file: string): FoundRow[] {
  if (/^\s*\[/.test(text)) {
    let list: unknown;
    try {
      list = JSON.parse(text);
    } catch (cause) {
      throw new SourceFailure('broken', `${file} is not valid JSON.`, { cause });
    }
    return (list as unknown[]).map((row, at) => ({
      // What is null is not there.
      row: Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null)),
      where: `person ${at + 1}`,
    }));
  }
  const [header, ...lines] = csvLines(text);
  const names = (header?.cells ?? []).map(
    (name) => columns.find((one) => one.toLowerCase() === name.trim().toLowerCase()) ?? name,
  );
  const strange = names.find((name) => !columns.includes(name));
  if (strange !== undefined)
    throw new SourceFailure('broken', `${file} has a column "${strange}"; it takes ${columns.join(', ')}.`);
  return lines
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ cells, line }) => ({
      row: Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])),
      where: `line ${line}`,
    }));
}

/** Lines of a CSV text (RFC 4180), with commas or, where the first line has more of them, semicolons. */
function csvLines(text: string): { readonly cells: string[]; readonly line: number }[] {
  const first = text.slice(0, text.indexOf('\n') >>> 0);
  const separator = first.split(';').length > first.split(',').length ? ';' : ',';
  const lines: { cells: string[]; line: number }[] = [];
  let cells: string[] = [];
  let [at, line, startLine] = [0, 1, 1];
  while (at <= text.length) {
    let cell = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        const part = text.slice(at, quote < 0 ? text.length : quote);
        cell += part;
        line += part.split('\n').length - 1;
        at = quote < 0 ? text.length : quote + 1;
        if (quote < 0 || text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    }
    while (at < text.length && text[at] !== separator && text[at] !== '\n') {
      cell += text[at];
      at += 1;
    }
    cells.push(cell.replace(/\r$/, ''));
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    lines.push({ cells, line: startLine });
    cells = [];
    line += 1;
    startLine = line;
    at += 1;
  }
  return lines;
}
