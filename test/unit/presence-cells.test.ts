/** Cells that show presence: one look-up and one watch list for all, written only when the text is another. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CellKind, type CellsClient, createPresenceCells, glyphs } from '../../addins/excel/cells.ts';
import { entityOf } from '../../addins/excel/entity.ts';
import type { Shown } from '../../addins/shared/client/presence-store.ts';
import type { Person } from '../../server/protocol/contacts.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import type { Availability } from '../../server/protocol/vocabulary.ts';
import { root } from '../support/sources.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-02T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const personOf = (address: string): Person | null =>
  address.endsWith('@contoso.example')
    ? ({
        id: `id-${address}`,
        displayName: address,
        address,
        title: 'Engineer',
        department: null,
        office: '',
        phones: { work: '+44 1', mobile: null, home: null },
      } as unknown as Person)
    : null;

function playedClient() {
  const views = new Map<string, Partial<PresenceView>>();
  const listeners = new Set<() => void>();
  const resolved: string[][] = [];
  const watched: string[][] = [];
  let freshness: Shown['freshness'] = 'fresh';
  let isFailing = false;
  const client: CellsClient = {
    api: {
      async resolve(addresses) {
        resolved.push([...addresses]);
        if (isFailing) throw new Error('unreachable');
        return { items: addresses.map((address) => ({ address, person: personOf(address) })) };
      },
    },
    rememberPeople: () => {},
    watch: (_owner, ids) => {
      watched.push([...ids]);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    shown(id) {
      const view = (views.get(id) as PresenceView | undefined) ?? null;
      const availability = freshness === 'unknown' ? 'unknown' : (view?.availability ?? 'unknown');
      return { availability, view, freshness: view === null ? 'unknown' : freshness, asOf: null };
    },
  };
  return {
    client,
    resolved,
    watched,
    fail: (value: boolean) => {
      isFailing = value;
    },
    age: (value: Shown['freshness']) => {
      freshness = value;
      for (const listener of listeners) listener();
    },
    set(address: string, availability: Availability, more: Partial<PresenceView> = {}) {
      const before = views.get(`id-${address}`)?.sequence ?? 0;
      views.set(`id-${address}`, {
        availability,
        text: `is ${availability}`,
        until: null,
        sequence: before + 1,
        ...more,
      });
      for (const listener of listeners) listener();
    },
  };
}

const bob = 'bob@contoso.example';
function cellOf(cells: ReturnType<typeof createPresenceCells>, kind: CellKind, address: string) {
  const texts: unknown[] = [];
  const invocation: { setResult(value: unknown): void; onCanceled?: () => void } = {
    setResult: (value) => texts.push(value),
  };
  cells.show(kind, address, invocation);
  return { texts, cancel: () => invocation.onCanceled?.() };
}

describe('[OF48] cells', () => {
  test('[OF48] presence, activity and until are live, and a cell is written only when its text is another', async () => {
    const played = playedClient();
    const cells = createPresenceCells();
    cells.connect(played.client);
    played.set(bob, 'available');
    const [presence, activity, until] = (['presence', 'activity', 'until'] as const).map((kind) =>
      cellOf(cells, kind, kind === 'activity' ? 'BOB@contoso.example ' : bob),
    );
    await vi.advanceTimersByTimeAsync(100);
    played.set(bob, 'available');
    played.set(bob, 'busy', { text: 'In a meeting', until: '2026-11-02T13:00:00Z' });
    await vi.advanceTimersByTimeAsync(0);
    played.age('unknown');
    expect(presence?.texts).toEqual(['● Available', '■ Busy', '◌ Unknown']);
    expect(activity?.texts).toEqual(['is available', 'In a meeting', 'Unknown']);
    expect(until?.texts).toHaveLength(3);
    expect(until?.texts[0]).toBe('');
    expect(until?.texts[1]).toMatch(/\d/);
    expect(until?.texts[2]).toBe('');
  });

  test('[OF48] thousands of cells are looked up in few calls and watched in one list', async () => {
    const played = playedClient();
    const cells = createPresenceCells();
    cells.connect(played.client);
    const all = Array.from({ length: 3_000 }, (_, index) =>
      cellOf(cells, 'presence', `p${index % 1_500}@contoso.example`),
    );
    await vi.advanceTimersByTimeAsync(100);
    expect(played.resolved.map((addresses) => addresses.length)).toEqual([1_000, 500]);
    expect(played.watched.at(-1)).toHaveLength(1_500);
    expect(all.every(({ texts }) => texts.length === 1)).toBe(true);
    played.set('p7@contoso.example', 'available');
    expect(all.filter(({ texts }) => texts.length === 2)).toHaveLength(2);
    for (const { cancel } of all.slice(0, 2_999)) cancel();
    await vi.advanceTimersByTimeAsync(100);
    expect(played.watched.at(-1)).toEqual(['id-p1499@contoso.example']);
    played.set('p7@contoso.example', 'busy');
    expect(all[7]?.texts).toHaveLength(2);
  });

  test('[OF48] strangers are unknown; a failed look-up is tried again; without a sign-in the cell says what to do', async () => {
    const played = playedClient();
    const cells = createPresenceCells();
    const cell = cellOf(cells, 'presence', bob);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(cell.texts).toEqual(['◌ Open the Jellybean pane']);
    played.fail(true);
    cells.connect(played.client);
    const stranger = cellOf(cells, 'activity', 'maria@fabrikam.example');
    await vi.advanceTimersByTimeAsync(100);
    expect(cell.texts.at(-1)).toBe('◌ Unknown');
    played.fail(false);
    played.set(bob, 'away');
    await vi.advanceTimersByTimeAsync(11_000);
    expect(cell.texts.at(-1)).toBe('◷ Away');
    expect(stranger.texts.at(-1)).toBe('Not in your organisation');
  });

  test('[OF48] a person is answered once with what is known, null for a stranger, an error where nobody answers', async () => {
    const played = playedClient();
    const cells = createPresenceCells();
    const early = cells.person(bob);
    // Nothing is ever heard of Carol: she is answered without a state.
    const late = cells.person('carol@contoso.example');
    played.set(bob, 'available');
    cells.connect(played.client);
    const asked = [cells.person(bob), cells.person('maria@fabrikam.example')];
    await vi.advanceTimersByTimeAsync(50);
    expect(await asked[0]).toMatchObject({ person: { address: bob }, shown: { availability: 'available' } });
    expect(await asked[1]).toBeNull();
    expect(await early).toMatchObject({ person: { address: bob } });
    expect(played.watched.at(-1)).toContain('id-carol@contoso.example');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await late).toMatchObject({ person: { address: 'carol@contoso.example' }, shown: { view: null } });
    expect(played.watched.at(-1)).toEqual([]);
    const alone = createPresenceCells().person(bob);
    const refused = expect(alone).rejects.toThrow('late');
    await vi.advanceTimersByTimeAsync(11_000);
    await refused;
  });

  test('[OF48] a person’s card names what is known and leaves out what is not', () => {
    const shown: Shown = {
      availability: 'busy',
      view: { text: 'In a meeting' } as PresenceView,
      freshness: 'fresh',
      asOf: null,
    };
    const entity = entityOf(personOf(bob) as Person, shown) as {
      text: string;
      properties: Record<string, { basicValue: string }>;
      layouts: { card: { sections: { properties: string[] }[] } };
    };
    expect(Object.entries(entity.properties).map(([name, { basicValue }]) => [name, basicValue])).toEqual([
      ['Name', bob],
      ['Presence', '■ In a meeting'],
      ['Address', bob],
      ['Title', 'Engineer'],
      ['Phone', '+44 1'],
    ]);
    expect(entity.layouts.card.sections[0]?.properties).toEqual(Object.keys(entity.properties).slice(1));
  });

  test('[OF48] every state has a shape of its own, and no text of one holds another’s', () => {
    expect(new Set(Object.values(glyphs)).size).toBe(Object.keys(glyphs).length);
  });

  test('[OF48] what the list of functions names is what pane and stand-in associate', () => {
    const read = (file: string) => readFileSync(path.join(root, 'addins/excel', file), 'utf8');
    const { functions, allowCustomDataForDataTypeAny } = JSON.parse(read('public/functions.json'));
    const ids: string[] = functions.map(({ id }: { id: string }) => id);
    expect(allowCustomDataForDataTypeAny).toBe(true);
    for (const file of ['main.ts', 'functions.standalone.ts']) {
      expect([...read(file).matchAll(/\b([A-Z]{5,}): \w/g)].map(([, id]) => id)).toEqual(ids);
    }
    const streaming = functions.filter(({ options }: { options?: { stream?: boolean } }) => options?.stream);
    expect(streaming.map(({ id }: { id: string }) => id)).toEqual(['PRESENCE', 'ACTIVITY', 'UNTIL']);
  });
});
