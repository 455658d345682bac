import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toConversationId, toMessageId, type UserId } from '../../server/domain/ids.ts';
import { defaultPolicy } from '../../server/services/retention.ts';
import { alice, bob, carol, dave } from '../support/conversation-cast.ts';
import { openStage, type Stage } from '../support/conversation-stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  stage.search.start();
});
afterEach(() => stage.close());

/** Waits until the indexer has caught up: its timers are the stage's, its thread is its own. */
const indexed = () =>
  vi.waitFor(
    async () => {
      // Time that goes on may bring more events.
      stage.clock.advance(200);
      expect(stage.search.indexedThrough()).toBe(await stage.store.events.lastSeq());
    },
    { timeout: 30_000, interval: 10 },
  );
const find = async (viewer: UserId, q: string, more: Record<string, unknown> = {}) => {
  const input = {
    q,
    conversation: null,
    from: null,
    before: null,
    after: null,
    limit: 20,
    cursor: null,
    ...more,
  };
  return stage.search.find(viewer, input);
};
const texts = async (viewer: UserId, q: string, more: Record<string, unknown> = {}) =>
  (await find(viewer, q, more)).items.map(({ message }) => message.text);

describe('following', () => {
  test('[IM63] what another node wrote in between is found as well', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'the first budget');
    // As if others had written up to there: what is behind it does not follow what was heard before.
    const seq = (await stage.store.events.lastSeq()) + 1_000;
    stage.search.committed([{ seq, type: 'contact.changed', recipients: [], json: '{}', ownJson: null }]);
    await stage.send(alice, id, 'the second budget');
    await indexed();
    expect(await texts(bob, 'budget')).toEqual(['the second budget', 'the first budget']);
  });

  test('[IM62] what is gone for good before it was indexed is not in the index', async () => {
    const { id } = await stage.open([alice, bob]);
    const gone = await stage.send(alice, id, 'a secret budget');
    await stage.send(alice, id, 'an open budget');
    await stage.store.transaction([], (tx) => tx.records.removeMessages([toMessageId(gone.id)]));
    stage.search.forget([toMessageId(gone.id)]);
    await indexed();
    expect(await texts(bob, 'budget')).toEqual(['an open budget']);
    const file = new DatabaseSync(path.join(stage.folder, 'search.db'), { readOnly: true });
    expect(file.prepare('select text from doc').all()).toEqual([{ text: 'an open budget' }]);
    file.close();
  });
});

describe('what is found', () => {
  test('[IM60] [IM61] a long beginning behind other words is found and marked as a short one is', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'Review of the Büdgetierung, and re-budgeting');
    await stage.send(alice, id, 'Budget review: BUDGETS of 2027');
    await stage.send(alice, id, 'review of a rebudget');
    await stage.send(bob, id, 'the budget, unseen by anybody');
    await indexed();
    const marked = async (viewer: UserId, q: string, more = {}) =>
      (await find(viewer, q, more)).items.map(({ message, highlights }) =>
        highlights.map(([from, to]) => message.text.slice(from, to)),
      );
    for (const q of ['review budg', 'REVIEW büdg'])
      expect(await marked(bob, q)).toEqual([
        ['Budget', 'review', 'BUDGETS'],
        ['Review', 'Büdgetierung', 'budgeting'],
      ]);
    expect(await marked(bob, 'review budg', { from: bob })).toEqual([]);
    expect(await marked(bob, 'review budg', { limit: 1 })).toHaveLength(1);
    expect(await marked(bob, 'review budgz')).toEqual([]);
    expect(await marked(bob, '"review of" budg')).toEqual([['Review of', 'Büdgetierung', 'budgeting']]);
  });

  test('[IM60] every word, in any order, the last one as a beginning; the latest first', async () => {
    const { id } = await stage.open([alice, bob]);
    for (const text of ['the budget for next year', 'Budgets are fun', 'no money', 'next BUDGÉT'])
      await stage.send(alice, id, text);
    await indexed();
    expect(await texts(bob, 'budget')).toEqual([
      'next BUDGÉT',
      'Budgets are fun',
      'the budget for next year',
    ]);
    expect(await texts(bob, 'next budget')).toEqual(['next BUDGÉT', 'the budget for next year']);
    expect(await texts(bob, '"next year"')).toEqual(['the budget for next year']);
    expect(await texts(bob, '"year next"')).toEqual([]);
    expect(await texts(bob, 'budget ')).toEqual(['next BUDGÉT', 'the budget for next year']);
    await expect(find(bob, '!!')).rejects.toMatchObject({ code: 'invalid-input' });
  });

  test('[IM61] highlights are the places in the text, also in scripts without blanks', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, '😀 our budget, the Budget');
    await stage.send(alice, id, '明年的預算已經批准了');
    await indexed();
    const [hit] = (await find(bob, 'budget')).items;
    expect(hit?.highlights.map(([from, to]) => hit.message.text.slice(from, to))).toEqual([
      'budget',
      'Budget',
    ]);
    const [chinese] = (await find(bob, '預算')).items;
    expect(chinese?.highlights.map(([from, to]) => chinese.message.text.slice(from, to))).toEqual(['預算']);
    expect(await texts(bob, '算預')).toEqual([]);
  });

  test('[IM60] filters: conversation, sender, time; pages go on where they ended', async () => {
    const one = await stage.open([alice, bob]);
    const two = await stage.open([alice, carol]);
    for (let index = 0; index < 5; index++) {
      stage.clock.advance(1_000);
      await stage.send(index % 2 ? alice : bob, one.id, `note ${index}`);
    }
    const middle = stage.clock.now();
    stage.clock.advance(1_000);
    await stage.send(carol, two.id, 'note 5');
    await indexed();
    expect(await texts(alice, 'note', { conversation: two.id })).toEqual(['note 5']);
    expect(await texts(alice, 'note', { from: bob })).toEqual(['note 4', 'note 2', 'note 0']);
    expect(await texts(alice, 'note', { after: middle })).toEqual(['note 5']);
    expect(await texts(alice, 'note', { before: middle, limit: 2 })).toEqual(['note 3', 'note 2']);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await find(alice, 'note', { limit: 2, cursor });
      seen.push(...page.items.map(({ message }) => message.text));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(['note 5', 'note 4', 'note 3', 'note 2', 'note 1', 'note 0']);
    await expect(find(bob, 'note', { conversation: two.id })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('what is not found', () => {
  test('[IM62] nothing of others, nothing before one came, nothing withheld, nothing after one left', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'canary early');
    await stage.conversations.add(alice, toConversationId(id), [carol], false, null);
    await stage.send(alice, id, 'canary late');
    stage.block(alice, dave);
    const hidden = await stage.open([dave, alice], { firstMessage: { text: 'canary withheld' } });
    await indexed();
    expect(await texts(dave, 'canary')).toEqual(['canary withheld']);
    expect(await texts(carol, 'canary')).toEqual(['canary late']);
    expect(await texts(alice, 'canary')).toEqual(['canary late', 'canary early']);
    stage.unblock(alice, dave);
    await stage.send(dave, hidden.id, 'canary told');
    await indexed();
    expect(await texts(alice, 'canary')).toEqual(['canary told', 'canary late', 'canary early']);
    await stage.conversations.remove(alice, toConversationId(id), carol);
    expect(await texts(carol, 'canary')).toEqual([]);
  });

  test('[IM62] an edited message is found by its new words only, a deleted one not at all', async () => {
    const { id } = await stage.open([alice, bob]);
    const edited = await stage.send(alice, id, 'apples');
    const deleted = await stage.send(alice, id, 'apples too');
    await indexed();
    const cid = toConversationId(id);
    await stage.conversations.messages.edit(alice, cid, toMessageId(edited.id), 'pears');
    await stage.conversations.messages.remove(alice, cid, toMessageId(deleted.id));
    expect(await texts(bob, 'apples too')).toEqual([]);
    await indexed();
    expect(await texts(bob, 'apples')).toEqual([]);
    expect(await texts(bob, 'pears')).toEqual(['pears']);
  });

  test('[IM53] what retention removed is found no more', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'ancient');
    await indexed();
    stage.clock.advance(10 * 86_400_000);
    await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 7 });
    await stage.retention.sweep();
    expect(await texts(bob, 'ancient')).toEqual([]);
  });
});

describe('the index', () => {
  test('[IM63] takes up where it stopped, and is made again when it is lost or damaged', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'first');
    await indexed();
    await stage.restart();
    await stage.send(alice, id, 'while away');
    stage.search.start();
    await indexed();
    expect(await texts(bob, 'first')).toEqual(['first']);
    expect(await texts(bob, 'away')).toEqual(['while away']);
    await stage.restart(async (folder) => {
      for (const end of ['', '-wal', '-shm'])
        await writeFile(path.join(folder, `search.db${end}`), 'not a database');
    });
    stage.search.start();
    await indexed();
    expect(await texts(bob, 'first')).toEqual(['first']);
    expect(await texts(bob, 'away')).toEqual(['while away']);
  });
});
