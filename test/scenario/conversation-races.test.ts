/** Commands that race: whatever order they commit in, the result is one that some order would have given. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toConversationId, toMessageId, type UserId } from '../../server/domain/ids.ts';
import { alice, bob, carol } from '../support/conversation-cast.ts';
import { openStage, type Stage } from '../support/conversation-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

let talks = 0;
const talk = (people: readonly UserId[]) =>
  stage.open(people, { context: { kind: 'page', title: 'Race', itemId: `race-${++talks}` } });
const settled = async (promises: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(promises)).map((each) =>
    each.status === 'fulfilled' ? 'done' : (each.reason as { code: string }).code,
  );

test('[IM73] two write at once: every message of both, gapless, in one order for everybody', async () => {
  const { id } = await talk([alice, bob]);
  await stage.heard(alice);
  await stage.heard(bob);
  const writer = async (by: UserId, name: string) => {
    const seqs: number[] = [];
    for (let index = 0; index < 50; index++) seqs.push((await stage.send(by, id, `${name} ${index}`)).seq);
    return seqs;
  };
  const [one, two] = await Promise.all([writer(alice, 'a'), writer(bob, 'b')]);
  expect([...one, ...two].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
  for (const seqs of [one, two]) expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  const posted = async (who: UserId) =>
    (await stage.heard(who))
      .filter(({ type }) => type === 'message.posted')
      .map(({ body }) => JSON.stringify(body));
  const heard = await posted(alice);
  expect(await posted(bob)).toEqual(heard);
  expect(heard).toHaveLength(100);
});

test('[IM73] removed while writing: what was acknowledged is there, nothing comes after, nothing is heard after', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await talk([alice, bob, carol]);
    const cid = toConversationId(id);
    await stage.heard(bob);
    const writing = Array.from({ length: 6 }, (_, index) => () => stage.send(bob, id, `b${index}`));
    const tasks = writing.map((send) => send());
    tasks.splice(round % 7, 0, stage.conversations.remove(alice, cid, bob) as never);
    const results = await settled(tasks);
    const removal = results.splice(round % 7, 1);
    expect(removal).toEqual(['done']);
    expect(results.every((result) => result === 'done' || result === 'not-found')).toBe(true);
    await stage.send(alice, id, 'after');
    const history = await stage.history(alice, id);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
    expect(history.filter(({ fromId }) => fromId === bob)).toHaveLength(
      results.filter((result) => result === 'done').length,
    );
    const heard = (await stage.heard(bob)).map(({ type }) => type);
    expect(heard.at(-1)).toBe('participant.removed');
    expect(await settled([stage.send(bob, id, 'late')])).toEqual(['not-found']);
  }
});

test('[IM73] edited and deleted at once: the tombstone stands, whichever came first', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await talk([alice, bob]);
    const sent = await stage.send(alice, id, 'secret');
    const { messages } = stage.conversations;
    const [cid, mid] = [toConversationId(id), toMessageId(sent.id)];
    const both = [() => messages.edit(alice, cid, mid, 'edited'), () => messages.remove(alice, cid, mid)];
    if (round % 2) both.reverse();
    const results = await settled(both.map((each) => each()));
    expect(['done', 'message-deleted']).toContain(results[round % 2 ? 1 : 0]);
    expect((await stage.history(bob, id))[0]).not.toHaveProperty('text');
    expect(await stage.store.records.versions(mid)).toEqual([]);
  }
});

test('[IM73] two presenters who give the role away at once: one of them keeps it', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = await talk([alice, bob, carol]);
    const cid = toConversationId(id);
    await stage.conversations.setRole(alice, cid, bob, 'presenter');
    const results = await settled([
      stage.conversations.setRole(alice, cid, alice, 'attendee'),
      stage.conversations.setRole(bob, cid, bob, 'attendee'),
    ]);
    expect(results.sort()).toEqual(['done', 'last-presenter']);
  }
});

test('[IM73] the last places of a full conference go to as many as there are', async () => {
  const { id } = await talk([alice, bob]);
  const before = await stage.conversations.get(alice, toConversationId(id));
  expect(before.participants).toHaveLength(2);
  const results = await settled(
    Array.from({ length: 8 }, () =>
      stage.conversations.add(alice, toConversationId(id), [carol], true, null),
    ),
  );
  expect(new Set(results)).toEqual(new Set(['done']));
  expect((await stage.conversations.get(alice, toConversationId(id))).participants).toHaveLength(3);
});
