/**
 * The yardstick: the least that a Node server can do and still push. node:http, no authentication, no
 * store, no privacy; a publish is one Buffer, written to every stream of its group by `socket.write`.
 *
 *   GET /stream/{group},…   the stream        POST /publish/{group}   the body goes to the group
 *   --flush=write  one write per event (what Jellybean is compared with)
 *   --flush=tick   events of one tick in one write per socket, for information
 */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, flush: { type: 'string', default: 'write' } },
});

interface Stream {
  readonly socket: Socket;
  waiting: Buffer[];
}
const groups = new Map<string, Set<Stream>>();
const dirty: Stream[] = [];

function flushAll(): void {
  for (const stream of dirty) {
    const [only] = stream.waiting;
    stream.socket.write(stream.waiting.length === 1 && only ? only : Buffer.concat(stream.waiting));
    stream.waiting = [];
  }
  dirty.length = 0;
}

function send(stream: Stream, event: Buffer): void {
  if (values.flush === 'write') {
    stream.socket.write(event);
    return;
  }
  if (dirty.length === 0) setImmediate(flushAll);
  if (stream.waiting.length === 0) dirty.push(stream);
  stream.waiting.push(event);
}

const server = createServer((request, response) => {
  const [, verb, group = ''] = (request.url ?? '').split('/');
  if (verb === 'stream') {
    const stream: Stream = { socket: request.socket, waiting: [] };
    const joined = group.split(',');
    for (const name of joined) groups.set(name, (groups.get(name) ?? new Set()).add(stream));
    request.socket.setNoDelay(true);
    request.socket.once('close', () => {
      for (const name of joined) groups.get(name)?.delete(stream);
    });
    request.socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\nevent: ready\ndata: {}\n\n',
    );
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const event = Buffer.concat([
      Buffer.from('event: presence.changed\ndata: '),
      ...chunks,
      Buffer.from('\n\n'),
    ]);
    for (const stream of groups.get(group) ?? []) send(stream, event);
    response.writeHead(204).end();
  });
});
// The generators hold their connections as long as they like.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
