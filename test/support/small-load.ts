/** A load small enough for a test of the bench itself: a few streams, half a second. */
import type { Load } from '../bench/load.ts';

export const smallLoad: Load = {
  label: 'test',
  port: 0,
  profile: {
    marker: 'stamp=',
    subscribe: [{ send: 'GET /stream/@G@ HTTP/1.1\r\nHost: x\r\n\r\n' }, { expect: 'event: ready' }],
    publish: 'POST /publish/@G@ HTTP/1.1\r\nHost: x\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ ö"}',
  },
  columns: [['a', 'b'], ['c']],
  subscribers: 20,
  groups: 4,
  fanOut: 5,
  publishers: 3,
  rate: 0,
  outstanding: 3,
  warmSeconds: 0.1,
  seconds: 0.5,
  holdSeconds: 0.1,
  serverPids: [],
};
