/**
 * The reference of reference.ts by the library that a Node program would take for it: better-sse, one channel
 * per group, over node:http, with its defaults.
 *
 *   GET /stream/{group}     the stream        POST /publish/{group}   the body goes to the group
 */
import { createServer } from 'node:http';
import { type Channel, createChannel, createSession } from 'better-sse';

const channels = new Map<string, Channel>();
const channelOf = (group: string): Channel => {
  const channel = channels.get(group) ?? createChannel();
  channels.set(group, channel);
  return channel;
};

const server = createServer(async (request, response) => {
  const [, verb, group = ''] = (request.url ?? '').split('/');
  if (verb === 'stream') {
    const session = await createSession(request, response, { keepAlive: null });
    channelOf(group).register(session);
    session.push({}, 'ready');
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    channelOf(group).broadcast(JSON.parse(String(Buffer.concat(chunks))), 'presence.changed');
    response.writeHead(204).end();
  });
});
// The generators hold their connections as long as they like.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
