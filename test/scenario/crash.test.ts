/**
 * The server is killed with SIGKILL in the middle of sending, again and again. What it had acknowledged must
 * be there once; what it had not may be there or not, but never twice and never with a gap in the numbers.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, historyOf, type SentMessage, signIn } from '../support/http-client.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';

const kills = 3;
const senders = 8;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServerProcess(folder.path, { env: { JELLYBEAN_RATE_FACTOR: '0' } });
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

test('[CF10] every message that was acknowledged is there once after SIGKILL, and streams resume without loss', async () => {
  const alice = await signIn(server.http, 'alice');
  const bob = await signIn(server.http, 'bob');
  const opened = await alice.call<{ id: string }>('POST', '/conversations', { participants: [bob.id] });
  const path = `/conversations/${opened.body.id}/messages`;

  const acknowledged: SentMessage[] = [];
  const received = new Map<string, number>();
  let cursor: string | undefined;
  let sent = 0;

  for (let life = 0; life < kills; life += 1) {
    const sender = clientOf(server.http, alice.id, alice.token);
    const reader = clientOf(server.http, bob.id, bob.token);
    const stream = await reader.stream('desk', cursor === undefined ? {} : { lastEventId: cursor });
    await stream.next('ready');

    let isAlive = true;
    const sending = Array.from({ length: senders }, async () => {
      while (isAlive) {
        const text = `message ${sent++}`;
        // Retried with the same key after the restart, as a client does that never saw the answer.
        const answer = await sender
          .call<SentMessage>('POST', path, { text }, { 'Idempotency-Key': text })
          .catch(() => null);
        if (answer?.status === 201) acknowledged.push(answer.body);
        else if (answer === null) return text;
        else throw new Error(`a send was answered ${answer.status}`);
      }
      return null;
    });
    await expect.poll(() => acknowledged.length).toBeGreaterThan((life + 1) * 60);
    await server.end('SIGKILL');
    isAlive = false;
    const unanswered = (await Promise.all(sending)).filter((text) => text !== null);
    await stream.closed;
    for (const event of stream.events) {
      if (event.type === 'message.posted') {
        const { text } = (event.data as { message: SentMessage }).message;
        received.set(text, (received.get(text) ?? 0) + 1);
      }
      cursor = event.id ?? cursor;
    }

    server = await startServerProcess(folder.path, { env: { JELLYBEAN_RATE_FACTOR: '0' } });
    const again = clientOf(server.http, alice.id, alice.token);
    for (const text of unanswered) {
      const { status, body } = await again.call<SentMessage>(
        'POST',
        path,
        { text },
        { 'Idempotency-Key': text },
      );
      expect(status).toBe(201);
      acknowledged.push(body);
    }
  }

  const stream = await clientOf(server.http, bob.id, bob.token).stream('desk', {
    ...(cursor === undefined ? {} : { lastEventId: cursor }),
  });
  expect((await stream.next<{ resumed: boolean }>('ready')).data.resumed).toBe(true);
  await stream.next('presence.snapshot');
  for (const event of stream.take('message.posted')) {
    const { text } = (event.data as { message: SentMessage }).message;
    received.set(text, (received.get(text) ?? 0) + 1);
  }
  await stream.close();

  const history = await historyOf(clientOf(server.http, alice.id, alice.token), opened.body.id);
  expect(history.map(({ seq }) => seq)).toEqual(history.map((_, at) => at + 1));
  const texts = history.map(({ text }) => text);
  expect(new Set(texts).size).toBe(texts.length);
  const bySeq = new Map(history.map((message) => [message.seq, message]));
  for (const message of acknowledged)
    expect(bySeq.get(message.seq)).toMatchObject({ id: message.id, text: message.text });
  // The watcher on the other side has seen each message exactly once, across all deaths of the server.
  expect([...received.values()].every((times) => times === 1)).toBe(true);
  expect([...received.keys()].sort()).toEqual([...texts].sort());
});
