/**
 * The reference of reference.ts by Socket.IO over WebSockets: one room per group, over node:http, with its
 * defaults.
 *
 *   /socket.io/?group={group}     the socket        POST /publish/{group}   the body goes to the group
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer((request, response) => {
  const group = (request.url ?? '').split('/')[2] ?? '';
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    sockets.to(group).emit('presence.changed', JSON.parse(String(Buffer.concat(chunks))));
    response.writeHead(204).end();
  });
});
const sockets = new Server(server, {
  transports: ['websocket'],
  serveClient: false,
  // The generators answer no pings.
  pingInterval: 3_600_000,
});
sockets.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query.group));
  socket.emit('ready');
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
