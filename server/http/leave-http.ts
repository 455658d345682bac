/**
 * Takes a socket away from node:http once its response is ours to write: the parser, the request, the response and
 * what holds them are more than half of the memory of an idle connection. Node does the same for upgrades and
 * has no call for it; what is asked of it here is to act as if the socket had closed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What node:http hangs on a socket that it reads requests from, by the names of its functions. */
const ofHttp = /^(bound )?(socketOn(Close|End|Data|Drain|Timeout|Error)|onSocket(Resume|Pause))$/;
const heard = ['close', 'end', 'data', 'drain', 'timeout', 'error', 'resume', 'pause'] as const;

function endToo(this: IncomingMessage['socket']): void {
  this.end();
}

/**
 * To be called in a later tick than the request's, after `request.resume()`. False where the socket stays with
 * node:http, which costs memory and nothing else: the request has not ended, or this Node names things otherwise.
 */
export function leaveHttp(request: IncomingMessage, response: ServerResponse): boolean {
  const { socket } = request;
  // An unfinished request would be aborted, and the socket with it.
  if (socket.destroyed || !request.complete || !request.readableEnded) return false;
  const listenersOf = (event: string) =>
    socket.listeners(event).filter(({ name }) => ofHttp.test(name)) as ((...given: unknown[]) => void)[];
  const [forget] = listenersOf('close');
  if (forget === undefined || listenersOf('end').length !== 1) return false;
  response.detachSocket(socket);
  forget(false);
  for (const event of heard) for (const listener of listenersOf(event)) socket.off(event, listener);
  // Whatever else the client sends is read and dropped: only so is its end noticed.
  socket.on('end', endToo);
  socket.resume();
  return true;
}
