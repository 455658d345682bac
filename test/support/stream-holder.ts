/**
 * A client in a process of its own, for tests that freeze or kill one: opens a stream and posts `alive` on
 * every second heartbeat, as the contract says, until it is stopped. Prints `ready` when the stream is open.
 * `node test/support/stream-holder.ts http://127.0.0.1:8480 TOKEN ENDPOINT`
 */
import { setTimeout as wait } from 'node:timers/promises';
import { openStream } from './sse-client.ts';

const [server = '', token = '', endpoint = ''] = process.argv.slice(2);
const stream = await openStream(`${server}/api/v1/events?endpoint=${endpoint}`, { token });
const ready = await stream.next<{ streamId: string }>('ready');
process.stdout.write('ready\n');
let answered = 0;
while (stream.isOpen) {
  await wait(250);
  if (stream.heartbeats.length < answered + 2) continue;
  answered = stream.heartbeats.length;
  await fetch(`${server}/api/v1/streams/${ready.data.streamId}/alive`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
  });
}
