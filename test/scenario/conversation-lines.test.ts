/** What is to be read between the messages of a conversation: in the history, live, and when it goes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toConversationId, type UserId } from '../../server/domain/ids.ts';
import { type History, historySchema } from '../../server/protocol/conversations.ts';
import { erasePerson } from '../../server/services/erase.ts';
import { defaultPolicy } from '../../server/services/retention.ts';
import { alice, bob, carol, dave } from '../support/conversation-cast.ts';
import { openStage, type Stage } from '../support/conversation-stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const page = async (
  viewer: UserId,
  id: string,
  range: { after?: number; before?: number; limit?: number } = {},
): Promise<History> => {
  const { after = null, before = null, limit = 200 } = range;
  const given = { after, before, limit };
  const json = await stage.conversations.messages.history(viewer, toConversationId(id), given);
  return historySchema.parse(JSON.parse(json));
};
/** Messages and changes as they are read, one after the other. */
const read = ({ items, changes }: Pick<History, 'items' | 'changes'>): string[] => {
  const lines = [
    ...changes.map((one) => ({ at: one.at, rank: 0, text: formatChange(one) })),
    ...items.map((one) => ({ at: one.sentAt, rank: 1, text: 'text' in one ? one.text : 'deleted' })),
  ];
  return lines.toSorted((a, b) => a.at.localeCompare(b.at) || a.rank - b.rank).map(({ text }) => text);
};
const first = (name: string | undefined) => name?.split(' ')[0];
const formatChange = ({ kind, person, by, subject }: History['changes'][number]) =>
  [first(by.displayName), kind, first(person?.displayName) ?? subject].join(' ');
const tick = () => stage.clock.advance(1_000);

/** Two talk, a third is added without the history, joins, renames, removes the second, and leaves. */
async function story(): Promise<string> {
  const { id } = await stage.open([alice, bob]);
  const { conversations } = stage;
  const place = toConversationId(id);
  await stage.send(alice, id, 'one');
  tick();
  await stage.send(bob, id, 'two');
  tick();
  await conversations.update(alice, place, { subject: 'Before carol' });
  tick();
  await conversations.add(alice, place, [carol, dave], false, null);
  tick();
  await stage.send(carol, id, 'three');
  tick();
  await conversations.answer(dave, place, 'decline');
  await conversations.update(carol, place, { subject: 'Budget' });
  tick();
  await stage.send(alice, id, 'four');
  tick();
  await conversations.remove(alice, place, bob);
  tick();
  await conversations.remove(carol, place, carol);
  return id;
}
const whole = [
  'one',
  'two',
  'Alice renamed Before carol',
  'Alice added Carol',
  'Alice added Dave',
  'Carol joined Carol',
  'three',
  'Dave declined Dave',
  'Carol renamed Budget',
  'four',
  'Alice removed Bob',
  'Carol left Carol',
];

test('[IM36] who came and went and what it is called stands between the messages, after a restart too', async () => {
  const id = await story();
  expect(read(await page(alice, id))).toEqual(whole);
  await stage.restart();
  expect(read(await page(alice, id, { after: 0 }))).toEqual(whole);
});

test('[IM36] every change stands on one page of the history, whichever way and however it is paged', async () => {
  const id = await story();
  for (const limit of [1, 2, 3, 4, 50]) {
    const down: History[] = [];
    for (let before: number | undefined; ; ) {
      const given = await page(alice, id, { limit, ...(before === undefined ? {} : { before }) });
      down.unshift(given);
      if (given.next === null) break;
      before = Number(given.next);
    }
    expect(down.flatMap(read), `${limit} at a time, from the end`).toEqual(whole);
    const up: History[] = [];
    for (let after = 0; ; ) {
      const given = await page(alice, id, { limit, after });
      up.push(given);
      if (given.next === null) break;
      after = Number(given.next);
    }
    expect(up.flatMap(read), `${limit} at a time, from the start`).toEqual(whole);
  }
});

test('[IM36] it is heard live as it is read later, by everybody who takes part and who goes', async () => {
  const id = await story();
  const { changes } = await page(alice, id);
  const live = (await stage.heard(alice)).flatMap(({ body }) => {
    const { change, changes: more = [] } = body as unknown as {
      change?: History['changes'][number];
      changes?: History['changes'];
    };
    return change === undefined ? more : [change];
  });
  expect(live).toEqual(changes);
  const lastOfBob = (await stage.heard(bob)).at(-1);
  expect(lastOfBob).toMatchObject({ type: 'participant.removed', body: { change: { kind: 'removed' } } });
});

test('[IM36] without the history what happened before one came is not to be read', async () => {
  const { id } = await stage.open([alice, bob]);
  await stage.conversations.update(alice, toConversationId(id), { subject: 'A secret name' });
  await stage.send(alice, id, 'one');
  tick();
  await stage.conversations.add(alice, toConversationId(id), [carol], false, null);
  await stage.conversations.add(bob, toConversationId(id), [dave], true, null);
  expect(read(await page(carol, id))).toEqual(['Alice added Carol', 'Bob added Dave']);
  expect(JSON.stringify(await page(carol, id, { after: 0 }))).not.toContain('secret');
  expect(read(await page(dave, id))[0]).toBe('Alice renamed A secret name');
});

test('[IM36] between two nobody joins; who blocks the inviter is added like anybody else', async () => {
  const { id } = await stage.open([alice, bob]);
  await stage.send(bob, id, 'here');
  expect((await page(alice, id)).changes).toEqual([]);
  stage.block(dave, alice);
  tick();
  await stage.conversations.add(alice, toConversationId(id), [carol, dave], true, null);
  expect(read(await page(bob, id))).toEqual(['here', 'Alice added Carol', 'Alice added Dave']);
  expect(await stage.heard(dave)).toEqual([]);
});

test('[IM36] who becomes presenter or attendee is to be read, also where nobody gave it to them', async () => {
  const { id } = await stage.open([alice, bob]);
  const place = toConversationId(id);
  await stage.conversations.add(alice, place, [carol], true, null);
  await stage.send(carol, id, 'here');
  tick();
  await stage.conversations.setRole(alice, place, carol, 'presenter');
  tick();
  await stage.conversations.setRole(carol, place, carol, 'attendee');
  tick();
  await stage.conversations.setRole(alice, place, bob, 'attendee');
  tick();
  await stage.conversations.remove(alice, place, alice);
  const lines = [
    'Alice presenter Carol',
    'Carol attendee Carol',
    'Alice attendee Bob',
    'Alice left Alice',
    'Carol presenter Carol',
  ];
  expect(read(await page(bob, id)).slice(-5)).toEqual(lines);
  const live = (await stage.heard(bob)).flatMap(({ body }) => {
    const { change, changes = [] } = body as unknown as {
      change?: History['changes'][number];
      changes?: History['changes'];
    };
    return change === undefined ? changes : [change];
  });
  expect(live.map(formatChange).slice(-5)).toEqual(lines);
});

test('[IM36] retention takes it along, but not under a hold', async () => {
  const gone = await story();
  const { id: held } = await stage.open([alice, bob, carol]);
  await stage.conversations.update(alice, toConversationId(held), { subject: 'Held' });
  await stage.retention.hold(carol, { conversationId: held, reason: 'a case' });
  await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 1 });
  stage.clock.advance(2 * 86_400_000);
  await stage.conversations.update(alice, toConversationId(gone), { subject: 'Since' });
  await stage.retention.sweep();
  expect(read(await page(alice, gone))).toEqual(['Alice renamed Since']);
  expect(read(await page(alice, held))).toEqual(['Alice renamed Held']);
});

test('[IM36] [IM57] erasing a person takes away what names them and what they called it', async () => {
  const id = await story();
  const { store, blobs, clock, retention, audit } = stage;
  await erasePerson(carol, { store, blobs, clock, retention, audit });
  expect(read(await page(alice, id))).toEqual([
    'one',
    'two',
    'Alice renamed Before carol',
    'Alice added Dave',
    'deleted',
    'Dave declined Dave',
    'four',
    'Alice removed Bob',
  ]);
});
