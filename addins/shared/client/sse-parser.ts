/**
 * The receiving end of `text/event-stream` as a pure text core: text in, events and comments out, no sockets
 * and no timers. Follows the parsing rules of the HTML standard (9.2.6), and is bounded: a peer that never
 * ends a line or an event cannot fill the memory.
 */

export interface SseEvent {
  /** The `event:` field; `message` when there was none. */
  type: string;
  /** The event's own `id:` field, or null when it carried none: soft events must not move the cursor. */
  id: string | null;
  data: string;
}

export interface SseParser {
  /** Takes the next piece of text, of any length and cut anywhere; throws `RangeError` beyond the bound. */
  feed(text: string): void;
}

/** A snapshot of 1,000 contacts is about 400 KB; anything ten times as large is no event of ours. */
const maxEventCharacters = 4 * 1024 * 1024;

/** Makes a parser for one response; a new connection needs a new one. */
export function createSseParser(
  handlers: { onEvent(event: SseEvent): void; onComment(text: string): void },
  bound = maxEventCharacters,
): SseParser {
  /** Pieces of a line whose end has not come; joined once, or a long line in small pieces would cost its square. */
  let unfinished: string[] = [];
  let unfinishedLength = 0;
  let isFirst = true;
  let endedInReturn = false;
  let type = '';
  let id: string | null = null;
  let data: string[] = [];
  let size = 0;

  function line(text: string): void {
    if (text === '') {
      // An event without data is no event; the standard drops it whole.
      if (data.length > 0) handlers.onEvent({ type: type || 'message', id, data: data.join('\n') });
      type = '';
      id = null;
      data = [];
      size = 0;
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) {
      handlers.onComment(text.slice(1).trimStart());
      return;
    }
    const field = colon < 0 ? text : text.slice(0, colon);
    let value = colon < 0 ? '' : text.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') {
      size += value.length + 1;
      if (size > bound) throw new RangeError(`an event of more than ${bound} characters`);
      data.push(value);
    } else if (field === 'event') type = value;
    // An id with NUL is ignored by the standard: it could not be sent back in a header.
    else if (field === 'id' && !value.includes('\0')) id = value;
  }

  return {
    feed(text) {
      let chunk = text;
      if (isFirst && chunk !== '') {
        isFirst = false;
        if (chunk.startsWith('\uFEFF')) chunk = chunk.slice(1);
      }
      // CR at the end of one piece and LF at the start of the next are one line end.
      if (endedInReturn && chunk !== '') {
        if (chunk.startsWith('\n')) chunk = chunk.slice(1);
        endedInReturn = false;
      }
      let start = 0;
      const ends = /\r\n|\n|\r/g;
      for (let match = ends.exec(chunk); match; match = ends.exec(chunk)) {
        unfinished.push(chunk.slice(start, match.index));
        start = ends.lastIndex;
        if (match[0] === '\r' && start === chunk.length) endedInReturn = true;
        const whole = unfinished.join('');
        unfinished = [];
        unfinishedLength = 0;
        line(whole);
      }
      if (start === chunk.length) return;
      unfinished.push(chunk.slice(start));
      unfinishedLength += chunk.length - start;
      if (unfinishedLength > bound) throw new RangeError(`a line of more than ${bound} characters`);
    },
  };
}
