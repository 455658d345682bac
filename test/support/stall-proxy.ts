/**
 * A TCP proxy that misbehaves on demand. Killing a client sends a FIN and so proves nothing about a pulled
 * cable; this stops forwarding without closing anything, delays, or cuts. While stalled, an end of one side
 * is not told to the other either. It knows nothing of HTTP, so it stands in front of anything.
 */
import { createConnection, createServer, type Socket } from 'node:net';

export type Direction = 'to-client' | 'to-server';

interface Flow {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** Waiting to be forwarded; `null` stands for the end of the flow. */
  readonly waiting: { readonly dueAt: number; readonly bytes: Buffer | null }[];
  timer: NodeJS.Timeout | null;
}

export interface StallProxy {
  readonly port: number;
  /** Connections that at least one side still holds open. */
  readonly connections: number;
  /** Bytes handed on since the start, by direction. */
  readonly forwarded: Readonly<Record<Direction, number>>;
  /** Stops forwarding, in both directions unless one is named, for open and new connections alike. */
  stall(direction?: Direction): void;
  /** Forwards again, first what was held back. */
  resume(direction?: Direction): void;
  /** Holds every chunk back for so many ms from now on; order is kept. 0 ends it. */
  delay(ms: number): void;
  /** Cuts every open connection on both sides with a reset. New ones are accepted. */
  drop(): void;
  /** Cuts new connections at once, as a server that is down behind a living load balancer. */
  refuse(refusing: boolean): void;
  /** Cuts everything and stops listening. */
  close(): Promise<void>;
}

/** Listens on a free loopback port and forwards to the target. */
export async function createStallProxy(target: { host?: string; port: number }): Promise<StallProxy> {
  const flows = new Set<Flow>();
  const stalled: Record<Direction, boolean> = { 'to-client': false, 'to-server': false };
  const forwarded: Record<Direction, number> = { 'to-client': 0, 'to-server': 0 };
  let delayMs = 0;
  let isRefusing = false;

  function pump(flow: Flow): void {
    if (flow.timer) clearTimeout(flow.timer);
    flow.timer = null;
    if (stalled[flow.direction]) return;
    for (let head = flow.waiting[0]; head; head = flow.waiting[0]) {
      const waitMs = head.dueAt - Date.now();
      if (waitMs > 0) {
        flow.timer = setTimeout(() => pump(flow), waitMs);
        return;
      }
      flow.waiting.shift();
      if (head.bytes === null) {
        flow.to.end();
        continue;
      }
      forwarded[flow.direction] += head.bytes.length;
      if (!flow.to.write(head.bytes)) {
        flow.from.pause();
        flow.to.once('drain', () => {
          if (!stalled[flow.direction]) flow.from.resume();
        });
      }
    }
  }

  function connectFlow(from: Socket, to: Socket, direction: Direction): Flow {
    const flow: Flow = { from, to, direction, waiting: [], timer: null };
    const hold = (bytes: Buffer | null) => {
      flow.waiting.push({ dueAt: Date.now() + delayMs, bytes });
      pump(flow);
    };
    from.on('data', hold);
    from.on('end', () => hold(null));
    // A reset goes on as a reset, unless the cable is pulled: then nobody hears of it.
    from.on('error', () => {
      if (!stalled[direction]) to.resetAndDestroy();
    });
    from.on('close', () => {
      if (to.destroyed) flows.delete(flow);
    });
    to.on('close', () => {
      if (flow.timer) clearTimeout(flow.timer);
      if (from.destroyed) flows.delete(flow);
    });
    if (stalled[direction]) from.pause();
    flows.add(flow);
    return flow;
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (isRefusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({
      host: target.host ?? '127.0.0.1',
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    connectFlow(client, upstream, 'to-server');
    connectFlow(upstream, client, 'to-client');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  function both(direction: Direction | undefined, change: (one: Direction) => void): void {
    for (const one of ['to-client', 'to-server'] as const) {
      if (direction === undefined || direction === one) change(one);
    }
  }
  function drop(): void {
    for (const flow of flows) flow.from.resetAndDestroy();
  }

  return {
    port: address.port,
    get connections() {
      return Math.ceil(flows.size / 2);
    },
    forwarded,
    stall: (direction) =>
      both(direction, (one) => {
        stalled[one] = true;
        for (const flow of flows) if (flow.direction === one) flow.from.pause();
      }),
    resume: (direction) =>
      both(direction, (one) => {
        stalled[one] = false;
        for (const flow of flows) {
          if (flow.direction !== one) continue;
          flow.from.resume();
          pump(flow);
        }
      }),
    delay: (ms) => {
      delayMs = ms;
    },
    drop,
    refuse: (refusing) => {
      isRefusing = refusing;
    },
    close: async () => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      drop();
      await ended;
    },
  };
}
