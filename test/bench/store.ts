/**
 * What a durable send costs the store alone: idempotency, roster, message, event and inbox rows, at
 * synchronous=FULL. Run with `node test/bench/store.ts [postgres://…]`; it prints and asserts nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createSystemClock } from '../../server/adapters/clock/system.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import type { ConversationId, MessageId, UserId } from '../../server/domain/ids.ts';
import type { Store } from '../../server/ports/store.ts';
import { conversation, participant } from '../support/store-rows.ts';

const conversations = 2_000;
const people = 1_000;
const secondsPerRow = 2;
const text =
  'The figures for the third quarter are in the shared folder; could you look at page 12 before our call?';

const person = (index: number) =>
  `00000000-0000-4000-8000-${String(index % people).padStart(12, '0')}` as UserId;

async function prepare(store: Store): Promise<void> {
  await store.transaction([], async (tx) => {
    for (let index = 0; index < conversations; index++)
      await tx.conversations.insert(
        conversation(`c${index}`, {
          kind: 'conference',
          participants: [participant(person(index)), participant(person(index * 7 + 1))],
        }),
        null,
      );
  });
}

let sent = 0;
function send(store: Store, idempotent: boolean): Promise<string> {
  const number = sent++;
  const conversationId = `c${number % conversations}` as ConversationId;
  const fromId = person(number % conversations);
  const now = Date.now();
  return store.transaction([conversationId], async (tx) => {
    const key = `key-${number}`;
    if (idempotent && (await tx.idempotency.find(fromId, key, now)) !== null) throw new Error('found');
    const roster = await tx.conversations.roster(conversationId);
    if (roster === null) throw new Error('no roster');
    const id = `${now.toString(36)}-${String(number).padStart(10, '0')}` as MessageId;
    const seq = roster.lastSeq + 1;
    const json = JSON.stringify({
      id,
      conversationId,
      seq,
      fromId,
      sentAt: new Date(now).toISOString(),
      text,
      importance: 'normal',
      replyTo: null,
      mentions: [],
      attachments: [],
      reactions: [],
      editedAt: null,
      deletedAt: null,
    });
    await tx.conversations.post({ id, conversationId, seq, fromId, sentAt: now, json, withheld: false });
    tx.appendEvent({
      type: 'message.posted',
      recipients: roster.people.map(({ personId }) => personId),
      messageId: id,
      body: `{"conversationId":"${conversationId}","message":${json}}`,
    });
    if (idempotent) await tx.rememberResult(fromId, key, 'digest-of-the-request', 201, json, now);
    return json;
  });
}

/** Keeps `atOnce` sends going and counts what one second of them costs. */
async function measure(store: Store, atOnce: number, idempotent: boolean) {
  let done = 0;
  let isOver = false;
  const began = performance.now();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const worker = async () => {
    while (!isOver) {
      await send(store, idempotent);
      done++;
    }
  };
  const workers = Array.from({ length: atOnce }, worker);
  await new Promise((resolve) => setTimeout(resolve, secondsPerRow * 1_000));
  isOver = true;
  await Promise.all(workers);
  const seconds = (performance.now() - began) / 1_000;
  const all = process.cpuUsage(cpu);
  const own = process.threadCpuUsage(thread);
  return {
    'at once': atOnce,
    idempotent,
    'sends/s': Math.round(done / seconds),
    'CPU µs/send': Math.round((own.user + own.system) / done),
    'of which system': Math.round(own.system / done),
    'all threads': Math.round((all.user + all.system) / done),
    'loop p99 ms': Math.round(delay.percentile(99) / 1e5) / 10,
    'loop max ms': Math.round(delay.max / 1e5) / 10,
  };
}

const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-bench-'));
const url = process.argv[2] ?? 'sqlite:';
const store = await openStore({ url, folder, clock: createSystemClock() });
await prepare(store);
await measure(store, 20, true);
const rows = [];
for (const atOnce of [1, 5, 20, 50, 100]) rows.push(await measure(store, atOnce, true));
rows.push(await measure(store, 20, false));
for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
await store.close();
await rm(folder, { recursive: true });
