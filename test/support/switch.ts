/**
 * An address before several servers, as a proxy or a floating address is: what connects goes to the one that it
 * points at now. Turned to another, it cuts what is there, or falls silent to it, as a machine does that lost its power.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Switch {
  readonly port: number;
  turnTo(port: number, how: 'cut' | 'silent'): void;
  close(): Promise<void>;
}

export async function createSwitch(first: number): Promise<Switch> {
  let target = first;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    turnTo(port, how) {
      target = port;
      for (const socket of [...open]) {
        if (how === 'cut') socket.destroy();
        else {
          // Neither end hears of the other again.
          socket.unpipe();
          socket.removeAllListeners('close').removeAllListeners('error');
          socket.on('error', () => {});
          socket.pause();
        }
      }
    },
    async close() {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
