/** Everybody beside whom the fan-out is measured, the yardstick first. */
import { portOf, type ServerProcess, startServer } from '../processes.ts';
import { ejabberd } from './ejabberd.ts';
import { nchan } from './nchan.ts';
import { type Peer, postedProfile } from './peer.ts';

const program =
  (file: string, ...args: string[]) =>
  () =>
    startServer([new URL(file, import.meta.url).pathname, ...args]);

const startYardstick = program('../reference.ts', '--flush=write');

/** The yardstick, and the port that it listens on. */
export async function startReference(): Promise<ServerProcess & { readonly port: number }> {
  const server = await startYardstick();
  return { ...server, port: portOf(server) };
}

const reference: Peer = {
  name: 'reference',
  start: startYardstick,
  profile: postedProfile,
  asked: { 16: { cpu: 1.3 }, 160: { cpu: 1.3 } },
};

/** Gathers as Jellybean does; for information. */
const gatheringReference: Peer = {
  name: 'reference, tick',
  start: program('../reference.ts', '--flush=tick'),
  profile: postedProfile,
};

const betterSse: Peer = {
  name: 'better-sse',
  start: program('better-sse-server.ts'),
  profile: { ...postedProfile, subscribe: [postedProfile.subscribe[0]!, { expect: 'event:ready' }] },
  asked: { 16: { cpu: 0.5 }, 160: { cpu: 0.5 } },
};

/** A text of the client as a WebSocket frame: masked, as it must be, with a mask of noughts. */
const frame = (text: string): number[] => [0x81, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text)];

const socketIo: Peer = {
  name: 'Socket.IO',
  start: program('socket-io-server.ts'),
  profile: {
    ...postedProfile,
    subscribe: [
      {
        send:
          'GET /socket.io/?EIO=4&transport=websocket&group=@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      },
      { expect: '0{"sid"' },
      // Engine.IO's message (4) with Socket.IO's connect (0).
      { sendBytes: frame('40') },
      { expect: '42["ready"]' },
    ],
  },
  asked: { 16: { cpu: 0.5 }, 160: { cpu: 0.5 } },
};

export const peers: readonly Peer[] = [reference, gatheringReference, betterSse, socketIo, nchan, ejabberd];
