/** Ids that sort in the order of making, on one node; between nodes as well as their clocks agree. */
import { randomBytes } from 'node:crypto';

let lastIdAt = 0;
let idsWithin = 0;

/**
 * An id that sorts in the order of making, so that a growing table is appended to and an export follows the
 * talk: 9 places of time, 3 of order within a millisecond, 72 random bits.
 */
export function newId(now: number): string {
  // A clock that is set back must not put what comes later before what was.
  if (now > lastIdAt || now < lastIdAt - 60_000) [lastIdAt, idsWithin] = [now, 0];
  else idsWithin += 1;
  const time = lastIdAt.toString(36).padStart(9, '0');
  return `${time}${idsWithin.toString(36).padStart(3, '0')}${randomBytes(9).toString('base64url')}`;
}
