/**
 * Finds people of the organisation as somebody types: debounced, the last question wins, failures are said.
 * A reactive controller, because the contact list and the "add a person" dialog look different but search alike.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Person } from '../../../server/protocol/contacts.ts';
import type { Client } from '../client/client.ts';
import { formatFailure } from '../client/problem.ts';

const debounceMs = 150;
const answers = 20;

export class PeopleSearch implements ReactiveController {
  query = '';
  people: readonly Person[] = [];
  isSearching = false;
  failure = '';

  readonly #host: ReactiveControllerHost & { client: Client | null };
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asked: AbortController | null = null;

  constructor(host: ReactiveControllerHost & { client: Client | null }) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.clear();
  }

  clear(): void {
    this.search('');
  }

  search(query: string): void {
    this.query = query;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked?.abort();
    this.failure = '';
    const wanted = query.trim();
    this.isSearching = wanted !== '';
    if (wanted === '') this.people = [];
    else this.#timer = setTimeout(() => void this.#ask(wanted), debounceMs);
    this.#host.requestUpdate();
  }

  async #ask(query: string): Promise<void> {
    const { client } = this.#host;
    if (!client) return;
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const { items } = await client.api.people(query, answers, asked.signal);
      if (asked.signal.aborted) return;
      this.people = items;
      client.rememberPeople(items);
    } catch (error) {
      if (asked.signal.aborted) return;
      this.failure = formatFailure(error);
    }
    this.isSearching = false;
    this.#host.requestUpdate();
  }
}

/** Says whether a person matches what is typed, as the server does: the prefix of any word of name, address, department. */
export function matches(
  person: Pick<Person, 'displayName' | 'address' | 'department'>,
  query: string,
): boolean {
  const fold = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase();
  const words = fold(`${person.displayName} ${person.address} ${person.department ?? ''}`).split(
    /[\s,;()"'<>@.-]+/,
  );
  return fold(query)
    .split(/\s+/)
    .filter((part) => part !== '')
    .every((part) => words.some((word) => word.startsWith(part)));
}
