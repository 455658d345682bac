/**
 * Who watches whom, compactly: people are interned as integers, and each watch entry is one integer that
 * packs the stream's slot with what its watcher may see. 10,000 streams × 80 people cost a few megabytes;
 * sets of strings would cost hundreds.
 */
import type { UserId } from '../domain/ids.ts';

/** Disclosure classes by number; the order is the packing, nothing else. */
export const disclosureClasses = [
  'hidden',
  'external',
  'colleague',
  'workgroup',
  'friends-and-family',
  'self',
] as const;
export type DisclosureClass = (typeof disclosureClasses)[number];

const classBits = 3;
const classMask = (1 << classBits) - 1;

/** Gives each person a small integer that stays theirs as long as the process lives. */
export class Interner {
  readonly #numbers = new Map<UserId, number>();
  readonly #ids: UserId[] = [];

  numberOf(id: UserId): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#ids.length;
      this.#ids.push(id);
      this.#numbers.set(id, number);
    }
    return number;
  }

  /** The number, or -1 for someone nobody here has ever asked about. */
  find(id: UserId): number {
    return this.#numbers.get(id) ?? -1;
  }

  idOf(number: number): UserId {
    return this.#ids[number] as UserId;
  }
}

/** An integer list that grows by doubling and removes by moving the last one into the gap. */
class IntList {
  items = new Int32Array(4);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = value;
  }

  removeAt(index: number): void {
    this.length -= 1;
    this.items[index] = this.items[this.length] as number;
  }
}

/** Watch entries by presentity. One entry per (presentity, stream); `forEach` visits them in no order. */
export class WatchIndex {
  readonly #byPresentity: (IntList | undefined)[] = [];

  /** Adds or reclasses the entry of a stream. Returns true when it is new. */
  set(presentity: number, slot: number, disclosure: DisclosureClass): boolean {
    let list = this.#byPresentity[presentity];
    if (list === undefined) {
      list = new IntList();
      this.#byPresentity[presentity] = list;
    }
    const packed = (slot << classBits) | disclosureClasses.indexOf(disclosure);
    const index = find(list, slot);
    if (index >= 0) {
      list.items[index] = packed;
      return false;
    }
    list.push(packed);
    return true;
  }

  remove(presentity: number, slot: number): void {
    const list = this.#byPresentity[presentity];
    if (list === undefined) return;
    const index = find(list, slot);
    if (index < 0) return;
    list.removeAt(index);
    if (list.length === 0) this.#byPresentity[presentity] = undefined;
  }

  classOf(presentity: number, slot: number): DisclosureClass | null {
    const list = this.#byPresentity[presentity];
    const index = list === undefined ? -1 : find(list, slot);
    return index < 0
      ? null
      : (disclosureClasses[((list as IntList).items[index] as number) & classMask] ?? null);
  }

  count(presentity: number): number {
    return this.#byPresentity[presentity]?.length ?? 0;
  }

  forEach(presentity: number, visit: (slot: number, classNumber: number) => void): void {
    const list = this.#byPresentity[presentity];
    if (list === undefined) return;
    const { items, length } = list;
    for (let index = 0; index < length; index += 1) {
      const packed = items[index] as number;
      visit(packed >> classBits, packed & classMask);
    }
  }
}

function find(list: IntList, slot: number): number {
  const { items, length } = list;
  for (let index = 0; index < length; index += 1)
    if ((items[index] as number) >> classBits === slot) return index;
  return -1;
}
