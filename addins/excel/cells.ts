/**
 * Cells that show presence: `=JELLYBEAN.PRESENCE("bob@contoso.example")` and its sisters. However many cells there
 * are, they share the pane's one stream: addresses are looked up together, people are watched once, and a cell is
 * written only when its text is another. Knows no Excel: a cell is something that takes results.
 */
import type { Person } from '../../server/protocol/contacts.ts';
import type { Availability } from '../../server/protocol/vocabulary.ts';
import { type AddressBook, createAddressBook, type Found } from '../shared/client/address-book.ts';
import type { Client } from '../shared/client/client.ts';
import type { Shown } from '../shared/client/presence-store.ts';
import { formatUntil } from '../shared/i18n/format.ts';
import { t } from '../shared/i18n/i18n.ts';
import type { Invocation } from '../shared/office/custom-functions.ts';
import { stateSentence } from '../shared/ui/person-text.ts';
import { cellWords } from './words.ts';

/** A shape for each state, for a cell has no icon; conditional formats find cells by them. */
export const glyphs = {
  available: '●',
  'available-idle': '◐',
  busy: '■',
  'busy-idle': '◧',
  'do-not-disturb': '⊖',
  'be-right-back': '◔',
  away: '◷',
  offline: '○',
  unknown: '◌',
} as const satisfies Record<Availability, string>;

export type CellKind = 'presence' | 'activity' | 'until';
export type CellsClient = Pick<Client, 'watch' | 'subscribe' | 'shown' | 'rememberPeople'> & {
  readonly api: Pick<Client['api'], 'resolve'>;
};

export interface PresenceCells {
  /** Begins to show; ends when the invocation is cancelled. */
  show(kind: CellKind, address: string, invocation: Invocation): void;
  /** Looks the person up and answers what is known now, or null for somebody who is not in the directory. */
  person(address: string): Promise<{ readonly person: Person; readonly shown: Shown } | null>;
  /** From now on there is somebody who may ask. */
  connect(client: CellsClient): void;
}

/** Excel starts thousands of cells one after the other; this long they gather. */
const gatherMs = 30;
/** After this, a cell that nobody has signed in for says so. */
const signInHintMs = 4_000;
const lookupMs = 5_000;
/** After the server could not be asked. */
const retryMs = 10_000;

interface Cell {
  readonly kind: CellKind;
  readonly invocation: Invocation;
  text: string | null;
}
interface Entry {
  readonly address: string;
  readonly cells: Set<Cell>;
  /** What the texts were made of, so that they are made again only when it is another. */
  seen: string;
}

export function createPresenceCells(now: () => number = Date.now): PresenceCells {
  const entries = new Map<string, Entry>();
  /** Who asks for a person, with the address that is asked for. */
  const waiting = new Map<() => void, string>();
  let client: CellsClient | null = null;
  let book: AddressBook | null = null;
  let isGathering = false;
  let isHinted = false;
  const keyOf = (address: string): string => address.trim().toLowerCase();

  function gather(): void {
    if (isGathering) return;
    isGathering = true;
    setTimeout(() => {
      isGathering = false;
      book?.need([...waiting.values(), ...[...entries.values()].map(({ address }) => address)]);
      watch();
      write();
    }, gatherMs);
  }

  function idOf(address: string): string | null {
    const found = book?.find(address);
    return found?.kind === 'person' ? found.person.id : null;
  }

  function watch(): void {
    const wanted = [...waiting.values(), ...[...entries.values()].map(({ address }) => address)];
    client?.watch(
      cells,
      wanted.flatMap((address) => idOf(address) ?? []),
    );
  }

  function write(): void {
    for (const entry of entries.values()) {
      const found = book?.find(entry.address).kind ?? 'pending';
      const id = idOf(entry.address);
      const shown = id === null || client === null ? null : client.shown(id, now());
      const seen = `${found} ${isHinted} ${shown?.freshness} ${shown?.availability} ${shown?.view?.sequence} ${shown?.asOf}`;
      const isNew = [...entry.cells].some(({ text }) => text === null);
      if (seen === entry.seen && !isNew) continue;
      entry.seen = seen;
      for (const cell of entry.cells) {
        const text = textOf(cell.kind, found, shown);
        if (text === null || text === cell.text) continue;
        cell.text = text;
        cell.invocation.setResult(text);
      }
    }
  }

  /** Null: nothing yet, and Excel goes on showing that it waits. */
  function textOf(kind: CellKind, found: Found['kind'], shown: Shown | null): string | null {
    if (client === null)
      return isHinted && kind === 'presence' ? cellWords('signIn', { sign: glyphs.unknown }) : null;
    if (found === 'pending') return null;
    if (kind === 'presence') {
      const availability = shown?.availability ?? 'unknown';
      return `${glyphs[availability]} ${t(`availability.${availability}`)}`;
    }
    if (kind === 'activity') {
      if (shown === null) return t(found === 'stranger' ? 'person.notInDirectory' : 'availability.unknown');
      return stateSentence(shown);
    }
    const until = shown?.freshness === 'unknown' ? null : (shown?.view?.until ?? null);
    return until === null ? '' : formatUntil(Date.parse(until), now());
  }

  const hint = setTimeout(() => {
    isHinted = true;
    if (client === null) write();
  }, signInHintMs);

  const cells: PresenceCells = {
    show(kind, address, invocation) {
      const key = keyOf(address);
      const entry = entries.get(key) ?? { address: address.trim(), cells: new Set(), seen: '' };
      const cell: Cell = { kind, invocation, text: null };
      entry.cells.add(cell);
      entries.set(key, entry);
      invocation.onCanceled = () => {
        entry.cells.delete(cell);
        if (entry.cells.size === 0 && entries.get(key) === entry) entries.delete(key);
        gather();
      };
      gather();
    },

    person(address) {
      return new Promise((resolve, reject) => {
        const end = (): void => {
          waiting.delete(look);
          clearTimeout(timer);
          gather();
        };
        const look = (): void => {
          const found: Found = book?.find(address) ?? { kind: 'pending' };
          if (found.kind === 'pending' || client === null) return;
          const shown = found.kind === 'person' ? client.shown(found.person.id, now()) : null;
          // Who has only now been looked up is not watched yet.
          if (shown?.view === null && !isLate) return;
          end();
          if (found.kind === 'failed') reject(new Error('failed'));
          else if (found.kind !== 'person' || shown === null) resolve(null);
          else resolve({ person: found.person, shown });
        };
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          look();
          end();
          reject(new Error('late'));
        }, lookupMs);
        waiting.set(look, address);
        gather();
        look();
      });
    },

    connect(given) {
      clearTimeout(hint);
      client = given;
      book = createAddressBook({
        api: given.api,
        onChange(people) {
          given.rememberPeople(people);
          watch();
          write();
          for (const look of [...waiting.keys()]) look();
          if ([...entries.values()].some(({ address }) => book?.find(address).kind === 'failed'))
            setTimeout(gather, retryMs);
        },
      });
      given.subscribe(() => {
        write();
        for (const look of [...waiting.keys()]) look();
      });
      gather();
    },
  };
  return cells;
}
