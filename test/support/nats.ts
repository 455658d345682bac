/** The NATS server for tests, where the machine has one: other tests use it too, so each names its own organisation. */
import { connect } from 'node:net';
import { skipUnless } from './skip.ts';

export const natsUrl = process.env.JELLYBEAN_TEST_NATS ?? 'nats://127.0.0.1:4222';

/** A server of NATS speaks first: a line that begins with INFO. */
const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(natsUrl);
    const socket = connect({ host: hostname, port: Number(port || 4222) });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.on('error', () => end(false));
    socket.on('data', (bytes) => end(bytes.toString().startsWith('INFO')));
  });

export const hasNats = await answers();
skipUnless(hasNats, 'no NATS for tests answers at JELLYBEAN_TEST_NATS');
