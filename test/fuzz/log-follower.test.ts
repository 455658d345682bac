/**
 * One node of several and everything that can happen to what it hears of the log: its own commits and notices of
 * others come in any order, late, twice or never, streams begin and end, readings take their time. Whoever is
 * here gets each of their events once and in order. FUZZ_SEED repeats a run; a failure prints its seed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../server/adapters/storage/open.ts';
import { toUserId, type UserId } from '../../server/domain/ids.ts';
import type { CommittedEvent, EventReads, Store } from '../../server/ports/store.ts';
import { createLogFollower } from '../../server/services/log-follower.ts';
import { createManualClock } from '../support/clock.ts';
import { dice } from '../support/dice.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const rounds = Number(process.env.FUZZ_ROUNDS ?? 20);
const eventsInAll = 300;
const people = Array.from({ length: 6 }, (_, at) => toUserId(`person-${at}`));

let folder = '';
let store: Store;
const committed: CommittedEvent[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jellybean-follower-'));
  store = await openStore({ url: 'sqlite:', folder, clock: createManualClock() });
  store.onCommitted((events) => committed.push(...events));
  const roll = dice(seed);
  for (let count = 0; count < eventsInAll; count += 1) {
    const recipients = people.filter(() => roll.chance(0.3));
    await store.transaction([], async (tx) =>
      tx.appendEvent({
        type: 'contact.added-you',
        recipients: recipients.length === 0 ? [people[0]!] : recipients,
        body: { count },
      }),
    );
  }
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function follow(roundSeed: number): Promise<void> {
  const roll = dice(roundSeed);
  const clock = createManualClock();
  /** How far this history has come: later events are not committed yet. */
  let written = 0;
  const answers: (() => void)[] = [];
  const events: Pick<EventReads, 'after' | 'lastSeq'> = {
    lastSeq: async () => written,
    async after(seq, limit, leftOut) {
      const through = written;
      const found = await store.events.after(seq, limit, leftOut);
      await new Promise<void>((resolve) => answers.push(resolve));
      return found.filter((event) => event.seq <= through);
    },
  };
  /** Who is here since which event, and what they got. */
  const here = new Map<UserId, { readonly from: number; readonly got: number[] }>();
  const ended: { readonly id: UserId; readonly from: number; readonly to: number; readonly got: number[] }[] =
    [];
  const order: number[] = [];
  const follower = createLogFollower({
    events,
    clock,
    isShared: true,
    lastSeq: 0,
    isHere: (recipients) => recipients.some((id) => here.has(id)),
    handOut(event) {
      expect(event.json).toBe(committed[event.seq - 1]?.json);
      order.push(event.seq);
      for (const id of event.recipients) here.get(id)?.got.push(event.seq);
    },
    pass(event) {
      order.push(event.seq);
      expect(event.recipients.filter((id) => here.has(id))).toEqual([]);
    },
    onError: (error) => {
      throw error;
    },
  });
  const goes = (id: UserId) => {
    const stay = here.get(id);
    if (stay === undefined) return;
    here.delete(id);
    ended.push({ id, ...stay, to: follower.handedOut() });
  };
  /** What is on its way: own commits and notices, delivered in no order. */
  const underway: (() => void)[] = [];
  const settle = async () => {
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
  };
  const steps: (() => void)[] = [
    () => {
      const group = committed.slice(written, written + 1 + roll.below(6));
      if (group.length === 0) return;
      written += group.length;
      const seq = written;
      const recipients = group.map((event) => event.recipients);
      if (roll.chance(0.4)) underway.push(() => follower.committed(group));
      else if (roll.chance(0.6)) underway.push(() => follower.told(seq, recipients));
      else if (roll.chance(0.5)) underway.push(() => follower.told(seq));
    },
    () => {
      const [next] = underway.splice(roll.below(underway.length), 1);
      next?.();
      if (roll.chance(0.1) && next !== undefined) underway.push(next);
    },
    () => answers.splice(roll.below(answers.length), 1)[0]?.(),
    () => clock.advance(roll.pick([1, 4, 10])),
    () => {
      const id = roll.pick(people);
      if (here.has(id)) goes(id);
      else here.set(id, { from: follower.handedOut(), got: [] });
    },
    () => roll.chance(0.05) && follower.look(),
  ];
  const weights = [0, 0, 1, 1, 1, 2, 2, 3, 4, 5];
  for (let step = 0; step < 1_500; step += 1) {
    steps[roll.pick(weights)]?.();
    if (roll.chance(0.5)) await settle();
  }
  // In the end the log is looked at, as every node does every few seconds.
  for (const next of underway) next();
  for (let turns = 0; follower.handedOut() < written; turns += 1) {
    expect(turns).toBeLessThan(10_000);
    follower.look();
    await settle();
    for (const answer of answers.splice(0)) answer();
    clock.advance(300);
    await settle();
  }
  for (const id of people) goes(id);
  expect(order).toEqual(Array.from({ length: written }, (_, at) => at + 1));
  for (const { id, from, to, got } of ended)
    expect(got, id).toEqual(
      committed
        .filter(({ seq, recipients }) => seq > from && seq <= to && recipients.includes(id))
        .map(({ seq }) => seq),
    );
  follower.close();
}

test(`[EV38] whatever is heard late, twice, in another order or never, everybody here gets what is theirs once and in order (FUZZ_SEED=${seed})`, async () => {
  for (let round = 0; round < rounds; round += 1) await follow(seed + round * 7_919);
});
