/** What the fan-out is measured beside: servers that push what is published to a group, and ask nobody who they are. */
import type { Profile } from '../load.ts';
import type { ServerProcess } from '../processes.ts';

/** Publishes that have not been delivered to all: a server at ease, and one that has much to do. */
export const pressures = [16, 160] as const;
export type OutstandingCount = (typeof pressures)[number];

export interface Peer {
  readonly name: string;
  /** Starts it; null where it is not installed. */
  start(): Promise<ServerProcess | null>;
  readonly profile: Profile;
  /** Of each connection, where the profile has columns. */
  readonly columns?: readonly (readonly string[])[];
  /** Deliveries of a publish beside those to the watchers. */
  readonly echoes?: number;
  /** What is asked of Jellybean beside it, as ratios to it: CPU per event at most, events a second at least. */
  readonly asked?: Readonly<
    Partial<Record<OutstandingCount, { readonly cpu?: number; readonly rate?: number }>>
  >;
}

/** About what a presence view takes on the wire, so that every server sends as much. */
export const filler = 'x'.repeat(330);

/** Streams of a group over HTTP, published to by a POST whose body is the event. */
export const postedProfile: Profile = {
  marker: 'stamp=',
  subscribe: [{ send: 'GET /stream/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' }, { expect: 'event: ready' }],
  publish: `POST /publish/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ ${filler}"}`,
};
