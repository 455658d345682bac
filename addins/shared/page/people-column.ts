/**
 * Presence in a column of people: an icon before each name, in as many cells as a list draws. All cells of a page
 * share one list of watched people, which is asked for once per frame; of a thousand icons only those are touched
 * whose person has changed. Cells are plain elements of the page's own document, so they look like the list.
 */
import '../icon/presence-icon.ts';
import { type AddressBook, createAddressBook } from '../client/address-book.ts';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { stateSentence } from '../ui/person-text.ts';
import type { OpenPeopleColumn, PagePerson } from './page-api.ts';
import { connectPage, isServerAddress, speakLanguages } from './page-connection.ts';
import { p } from './page-words.ts';

/** Everybody behind one address: what their icons show, written once per change and not once per icon. */
interface Group {
  readonly address: string;
  /** As the page names them, until the server says it. */
  readonly name: string;
  readonly icons: Set<HTMLElement>;
  look: Look;
  /** When the last icon went, epoch ms; watched a little longer, for who scrolls back and forth. */
  emptySince: number | null;
}

type Look = Readonly<
  Record<'availability' | 'stale' | 'out-of-office' | 'label' | 'title' | 'tabindex', string | null>
>;

const lingerMs = 5_000;

/** Opens the column's connection; cells come and go as the list draws them. */
export const openPeopleColumn: OpenPeopleColumn = (access) => {
  const cells = new Map<HTMLElement, { readonly group: Group; readonly icon: HTMLElement }[]>();
  const groups = new Map<string, Group>();
  const owner = {};
  let sweeping: ReturnType<typeof setTimeout> | null = null;
  let isScheduled = false;
  let isClosed = false;
  let wasLive = false;
  let client: Client | null = null;
  let book: AddressBook | null = null;
  let leaveClient: (() => void) | null = null;

  const connection = isServerAddress(access.server) ? connectPage(access) : null;
  const leave = connection?.subscribe(schedule);
  void speakLanguages(access.languages).then(schedule);

  /** A list draws its cells one by one, and changes come in bursts: one pass per frame serves them all. */
  function schedule(): void {
    if (isScheduled || isClosed) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      if (!isClosed) update();
    });
  }

  function takeClient(): void {
    const state = connection?.state();
    const next = state?.kind === 'ready' ? state.client : null;
    if (next === client) return;
    leaveClient?.();
    client = next;
    leaveClient = next?.subscribe(schedule) ?? null;
    book = next === null ? null : createAddressBook({ api: next.api, onChange: schedule });
  }

  function update(): void {
    takeClient();
    const isLive = client?.state().link.kind === 'live';
    // What could not be answered is asked for again when the server is back.
    const isBack = isLive && !wasLive;
    wasLive = isLive;
    book?.need(
      [...groups.values()].flatMap(({ address }) => {
        const kind = kindOf(address);
        return kind === 'pending' || (kind === 'failed' && isBack) ? address : [];
      }),
    );
    const ids = new Set<string>();
    for (const group of groups.values()) {
      const found = book?.find(group.address);
      if (found?.kind === 'person') ids.add(found.person.id);
      const look = lookOf(group);
      if (same(look, group.look)) continue;
      group.look = look;
      for (const icon of group.icons) wear(icon, look);
    }
    client?.watch(owner, ids);
  }

  const kindOf = (address: string) => book?.find(address).kind ?? null;

  function lookOf({ address, name: given }: Pick<Group, 'address' | 'name'>): Look {
    const isAsking = connection?.state().kind === 'ask';
    const found = book?.find(address) ?? null;
    const person = found?.kind === 'person' ? found.person : null;
    const shown = client === null || person === null ? null : client.shown(person.id);
    const sentence = isAsking
      ? p('part.signInWhy')
      : found?.kind === 'stranger'
        ? t('person.notInDirectory')
        : shown === null
          ? t('availability.unknown')
          : stateSentence(shown);
    const label = t('person.label', { name: person?.displayName ?? (given || address), state: sentence });
    const isOut = shown !== null && shown.freshness !== 'unknown' && shown.view?.outOfOffice != null;
    return {
      availability: shown?.availability ?? 'unknown',
      stale: shown?.freshness === 'stale' ? '' : null,
      'out-of-office': isOut ? '' : null,
      label,
      title: label,
      // Signed out, an icon is the way in.
      tabindex: isAsking ? '0' : null,
    };
  }

  function groupOf({ name, address }: PagePerson): Group {
    const key = address.trim().toLowerCase() || `name:${name}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const made = { address: address.trim(), name, icons: new Set<HTMLElement>(), emptySince: null };
    const group: Group = { ...made, look: lookOf(made) };
    groups.set(key, group);
    return group;
  }

  function sweep(): void {
    sweeping = null;
    const before = Date.now() - lingerMs;
    for (const [key, { emptySince }] of groups) {
      if (emptySince !== null && emptySince <= before) groups.delete(key);
    }
    schedule();
  }

  function forget(cell: HTMLElement): void {
    for (const { group, icon } of cells.get(cell) ?? []) {
      group.icons.delete(icon);
      if (group.icons.size > 0) continue;
      group.emptySince = Date.now();
      sweeping ??= setTimeout(sweep, lingerMs + 50);
    }
    if (cells.delete(cell)) cell.replaceChildren();
  }

  const signIn = (event: Event): void => {
    if (event instanceof KeyboardEvent && event.key !== 'Enter') return;
    connection?.signIn();
  };

  return {
    show(cell, people) {
      forget(cell);
      const shown = people.map((person) => {
        const group = groupOf(person);
        const icon = makeIcon(group.look, signIn);
        group.icons.add(icon);
        group.emptySince = null;
        return { group, icon };
      });
      cell.replaceChildren(
        ...people.map((person, index) => makePerson(person, shown[index]?.icon as HTMLElement, index > 0)),
      );
      cells.set(cell, shown);
      schedule();
    },
    forget,
    close() {
      isClosed = true;
      for (const cell of [...cells.keys()]) forget(cell);
      if (sweeping !== null) clearTimeout(sweeping);
      client?.watch(owner, []);
      leaveClient?.();
      leave?.();
      connection?.release();
    },
  };
};

const same = (one: Look, other: Look): boolean =>
  (Object.keys(one) as (keyof Look)[]).every((name) => one[name] === other[name]);

function wear(icon: HTMLElement, look: Look): void {
  for (const [name, value] of Object.entries(look)) {
    if (value === null) icon.removeAttribute(name);
    else if (icon.getAttribute(name) !== value) icon.setAttribute(name, value);
  }
}

function makeIcon(look: Look, onSignIn: (event: Event) => void): HTMLElement {
  const icon = document.createElement('presence-icon');
  icon.setAttribute('size', '12');
  icon.style.marginInlineEnd = '6px';
  icon.addEventListener('click', onSignIn);
  icon.addEventListener('keydown', onSignIn);
  wear(icon, look);
  return icon;
}

/** One person: an icon and the name, kept together on one line. */
function makePerson({ name, address }: PagePerson, icon: HTMLElement, isFollowing: boolean): HTMLElement {
  const person = document.createElement('span');
  person.style.whiteSpace = 'nowrap';
  person.style.display = 'inline-flex';
  person.style.alignItems = 'center';
  if (isFollowing) person.style.marginInlineStart = '12px';
  const text = document.createElement('span');
  text.dir = 'auto';
  text.textContent = name || address;
  person.append(icon, text);
  return person;
}
