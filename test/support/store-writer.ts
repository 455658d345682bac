/**
 * A process that sends without a pause and says what was acknowledged, so that a test can kill it or fill its
 * disk. Usage: `node store-writer.ts send <folder>` or `… fill <folder> <command that makes room>`.
 * Prints one JSON value a line: the numbers of acknowledged messages, then (fill) a report.
 */
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { openFolderBlobs } from '../../server/adapters/blobs/folder.ts';
import { createSystemClock } from '../../server/adapters/clock/system.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import type { ConversationId } from '../../server/domain/ids.ts';
import type { Store } from '../../server/ports/store.ts';
import { alice, bob, conversation, message } from './store-rows.ts';

const [mode, folder = '', ...makeRoom] = process.argv.slice(2);
const id = 'c' as ConversationId;
const padding = 'x'.repeat(400);

// To the descriptor itself, so that nothing that was printed is lost by a kill.
const print = (value: unknown) => {
  let rest = Buffer.from(`${JSON.stringify(value)}\n`);
  while (rest.length > 0)
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full: whoever reads it is slower for a moment.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

const store = await openStore({ url: 'sqlite:', folder, clock: createSystemClock() });
if ((await store.conversations.find(id)) === null)
  await store.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));

function send(to: Store): Promise<number> {
  return to.transaction([id], async (tx) => {
    const seq = ((await tx.conversations.roster(id))?.lastSeq ?? 0) + 1;
    const row = message('c', seq, { json: JSON.stringify({ seq, padding }) });
    await tx.conversations.post(row);
    const body = `{"conversationId":"c","message":${row.json}}`;
    tx.appendEvent({ type: 'message.posted', recipients: [alice, bob], messageId: row.id, body });
    return seq;
  });
}

if (mode === 'send') {
  const forever = async () => {
    for (;;) print(await send(store));
  };
  await Promise.all(Array.from({ length: 8 }, forever));
}

if (mode === 'fill') {
  let emitted = 0;
  store.onCommitted((events) => {
    emitted += events.length;
  });
  let acknowledged = 0;
  let refusal: string | null = null;
  while (refusal === null && acknowledged < 100_000) {
    const group = await Promise.allSettled(Array.from({ length: 5 }, () => send(store)));
    acknowledged += group.filter(({ status }) => status === 'fulfilled').length;
    const failed = group.find((one) => one.status === 'rejected');
    if (failed !== undefined) refusal = (failed.reason as { code: string }).code;
  }
  // Where five of them have no room, one may have.
  while ((await codeOf(send(store))) === null) acknowledged += 1;
  const blobs = await openFolderBlobs(path.join(folder, 'blobs'), Date.now());
  const large = () => Readable.from([Buffer.alloc(2 << 20, 1)]);
  const blobRefusal = await codeOf(blobs.write('large-one', large(), 1 << 30));
  const whileFull = {
    acknowledged,
    emitted,
    refusal,
    blobRefusal,
    blob: (await blobs.read('large-one')) === null ? 'absent' : 'there',
    isHealthy: store.healthy(),
    again: await codeOf(send(store)),
    readable: (await store.events.inbox(bob, 0, 200_000)).length,
    lastSeq: await store.events.lastSeq(),
  };
  const [command = '', ...rest] = makeRoom;
  execFileSync(command, rest);
  const next = await send(store);
  await blobs.write('large-one', large(), 1 << 30);
  print({ ...whileFull, next, isHealthyAgain: store.healthy(), lastSeqAfter: await store.events.lastSeq() });
  await store.close();
}
