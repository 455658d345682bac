/**
 * What a people source in Outlook must do, told once and run on both: the in-memory fake, and the real
 * office.js in the simulated host.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Conditions } from '../../addins/playground/host/model.ts';
import type { Mailbox } from '../../addins/playground/outlook/mailbox.ts';
import type { ItemState, OpenItem } from '../../addins/shared/people-source.ts';

export interface World {
  readonly mailbox: Mailbox;
  readonly conditions: Conditions;
}

export interface Stage {
  /** Acts on the world. The function may run in another process: it sees nothing but its arguments. */
  play<Argument>(act: (world: World, argument: Argument) => void, argument: Argument): Promise<void>;
  /** Opens the add-in, whose people source begins to follow. */
  start(): Promise<void>;
  /** Everything the source has told so far. */
  history(): Promise<readonly ItemState[]>;
  close(): Promise<void>;
}

/** Registers the suite for one kind of stage. */
export function testOutlookPeople(createStage: () => Promise<Stage>): void {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.close());

  const openItem = (id: string | null) => stage.play((world, item) => world.mailbox.openItem(item), id);
  const addresses = (item: OpenItem): string[] => item.people.map((person) => person.address);
  async function last(): Promise<ItemState> {
    return (await stage.history()).at(-1) ?? { state: 'waiting' };
  }
  async function openedItem(about: (item: OpenItem) => boolean): Promise<OpenItem> {
    return vi.waitFor(
      async () => {
        const state = await last();
        if (state.state !== 'open' || !about(state.item)) throw new Error(`still ${JSON.stringify(state)}`);
        return state.item;
      },
      { timeout: 20_000, interval: 50 },
    );
  }
  async function begin(id: string | null): Promise<void> {
    await openItem(id);
    await stage.start();
  }

  test('[OF4] a mail: author and recipients, each once, and a context that every mailbox names alike', async () => {
    await begin('budget');
    const item = await openedItem(() => true);
    expect(item).toMatchObject({
      kind: 'mail',
      mode: 'read',
      title: 'budget',
      isPartial: false,
      unanswered: [],
    });
    expect(item.people).toEqual([
      { address: 'bob@contoso.example', name: 'Bob', roles: ['from', 'cc'] },
      { address: 'alice@contoso.example', name: 'Alice', roles: ['to'] },
      { address: 'carol@contoso.example', name: 'Carol', roles: ['cc'] },
    ]);
    expect(item.context).toMatchObject({ kind: 'mail', title: 'budget', itemId: '<budget@contoso.example>' });
  });

  test('[OF4] a sender is named when it is not the author; held-back recipients are known to be', async () => {
    await begin('assistant');
    const item = await openedItem(() => true);
    expect(item.people.slice(0, 2).map((person) => [person.address, person.roles])).toEqual([
      ['bob@contoso.example', ['from']],
      ['dave@contoso.example', ['sender']],
    ]);
    expect(item.people).toHaveLength(22);
    expect(item.isPartial).toBe(true);
    await stage.play((world) => world.mailbox.setExpanded(true), null);
    expect((await openedItem((open) => open.people.length === 34)).isPartial).toBe(false);
  });

  test('[OF4] an appointment: organiser and attendees, the same context for all of them', async () => {
    await begin('meeting');
    const item = await openedItem(() => true);
    expect(item.people.map((person) => [person.name, person.roles])).toEqual([
      ['Bob', ['organiser']],
      ['Alice', ['required']],
      ['Carol', ['optional']],
    ]);
    expect(item.context).toMatchObject({
      kind: 'appointment',
      itemId: 'appointment:bob@contoso.example:2026-11-02T12:00:00.000Z:meeting',
    });
  });

  test('[OF4] a mail being written: recipients as they are typed, hidden ones too', async () => {
    await begin('draft');
    expect(addresses(await openedItem(() => true))).toEqual([
      'alice@contoso.example',
      'erin@contoso.example',
    ]);
    await stage.play((world) => {
      world.mailbox.setRecipients('to', [{ name: 'Bob', address: 'bob@contoso.example' }]);
    }, null);
    const item = await openedItem((open) => open.people.length === 3);
    expect(item.people[1]).toEqual({ address: 'bob@contoso.example', name: 'Bob', roles: ['to'] });
    expect(item).toMatchObject({ mode: 'compose', context: { itemId: 'thread:conversation of draft' } });
  });

  test('[OF4] an appointment being planned: attendees and organiser', async () => {
    await begin('invitation');
    const item = await openedItem(() => true);
    expect(item).toMatchObject({ kind: 'appointment', mode: 'compose' });
    expect(addresses(item)).toEqual(['alice@contoso.example', 'bob@contoso.example']);
  });

  test('[OF5] the source follows the open item, and says when none is open', async () => {
    await begin('budget');
    const first = await openedItem((open) => open.title === 'budget');
    await openItem('meeting');
    const second = await openedItem((open) => open.kind === 'appointment');
    expect(second.key).not.toBe(first.key);
    await openItem(null);
    await vi.waitFor(async () => expect(await last()).toEqual({ state: 'none' }), { timeout: 20_000 });
    await openItem('budget');
    expect((await openedItem((open) => open.title === 'budget')).key).toBe(first.key);
  });

  test('[OF5] recipients are heard of in the item that is open now, not only in the first', async () => {
    await begin('invitation');
    await openedItem((open) => open.kind === 'appointment');
    await openItem('draft');
    await openedItem((open) => open.kind === 'mail');
    await stage.play((world) => {
      world.mailbox.setRecipients('cc', [{ name: 'Carol', address: 'carol@contoso.example' }]);
    }, null);
    expect((await openedItem((open) => open.people.length === 3)).people[1]?.name).toBe('Carol');
  });

  test('[OF5] recipients are found by comparison where the host raises no event', async () => {
    await stage.play((world) => world.conditions.missing.add('Mailbox'), null);
    await begin('draft');
    await openedItem((open) => open.people.length === 2);
    await stage.play((world) => {
      world.mailbox.setRecipients('to', [{ name: 'Bob', address: 'bob@contoso.example' }]);
    }, null);
    expect((await openedItem((open) => open.people.length === 3)).people[1]?.name).toBe('Bob');
  });

  test('[OF5] a late answer of the item before is dropped', async () => {
    await begin('budget');
    await openedItem((open) => open.title === 'budget');
    await stage.play((world) => {
      world.conditions.delayMs = 700;
    }, null);
    await openItem('draft');
    await openItem('budget');
    // Longer than every answer about the draft takes.
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    const titles = (await stage.history()).map((state) =>
      state.state === 'open' ? state.item.mode : state.state,
    );
    expect(titles).not.toContain('compose');
    expect(await last()).toMatchObject({ item: { title: 'budget' } });
  });

  test('[OF6] a refused line is reported, and what is known of the others stands', async () => {
    await stage.play((world) => world.conditions.failing.add('recipients.get'), null);
    await begin('draft');
    const item = await openedItem(() => true);
    expect(addresses(item)).toEqual(['alice@contoso.example']);
    expect(item.unanswered).toEqual(['to', 'cc', 'bcc']);
    await stage.play((world) => world.conditions.failing.clear(), null);
    expect((await openedItem((open) => open.unanswered.length === 0)).people).toHaveLength(2);
  });

  test('[OF6] a host that never answers does not hold up the rest', async () => {
    await stage.play((world) => world.conditions.silent.add('from.get'), null);
    await begin('draft');
    const item = await openedItem((open) => open.unanswered.length > 0);
    expect(item.unanswered).toEqual(['from']);
    expect(addresses(item)).toEqual(['erin@contoso.example']);
  });

  test('[OF5] nothing is told when nothing has changed', async () => {
    await begin('draft');
    await openedItem(() => true);
    const before = (await stage.history()).length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await stage.history()).length).toBe(before);
  });
}
