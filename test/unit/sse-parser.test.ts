/** The receiving end of the event stream as text: standard cases, cuts anywhere, and bounds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser, type SseEvent } from '../../addins/shared/client/sse-parser.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

function parse(pieces: readonly string[], bound?: number): { events: SseEvent[]; comments: string[] } {
  const events: SseEvent[] = [];
  const comments: string[] = [];
  const parser = createSseParser(
    { onEvent: (event) => events.push(event), onComment: (text) => comments.push(text) },
    bound,
  );
  for (const piece of pieces) parser.feed(piece);
  return { events, comments };
}

describe('event stream text', () => {
  test.each([
    [
      'a named event with an id',
      'event: ready\nid: e.1\ndata: {}\n\n',
      [{ type: 'ready', id: 'e.1', data: '{}' }],
    ],
    ['no name is message', 'data: x\n\n', [{ type: 'message', id: null, data: 'x' }]],
    [
      'several data lines are one text',
      'data: a\ndata:\ndata: b\n\n',
      [{ type: 'message', id: null, data: 'a\n\nb' }],
    ],
    ['only one blank after the colon goes', 'data:  x\n\n', [{ type: 'message', id: null, data: ' x' }]],
    ['a field without a colon', 'data\n\n', [{ type: 'message', id: null, data: '' }]],
    [
      'an event without data is none',
      'event: x\nid: 1\n\ndata: y\n\n',
      [{ type: 'message', id: null, data: 'y' }],
    ],
    [
      'an unknown field is passed over',
      'nonsense: 1\ndata: y\n\n',
      [{ type: 'message', id: null, data: 'y' }],
    ],
    [
      'CR and CRLF end lines too',
      'data: a\r\rdata: b\r\n\r\n',
      [
        { type: 'message', id: null, data: 'a' },
        { type: 'message', id: null, data: 'b' },
      ],
    ],
    ['a byte order mark in front', '\uFEFFdata: a\n\n', [{ type: 'message', id: null, data: 'a' }]],
    ['an unfinished event is not told', 'data: a\n', []],
    ['an id with NUL counts as none', 'id: a\0b\ndata: a\n\n', [{ type: 'message', id: null, data: 'a' }]],
  ])('[UI5] %s', (_name, text, events) => {
    expect(parse([text]).events).toEqual(events);
  });

  test('[UI5] an id belongs to its event alone: a soft event after a durable one has none', () => {
    expect(parse(['id: 1\ndata: a\n\ndata: b\n\n']).events.map(({ id }) => id)).toEqual(['1', null]);
  });

  test('[UI5] comments are heartbeats and no events', () => {
    expect(parse([': beat\n\n:\n\n'])).toEqual({ events: [], comments: ['beat', ''] });
  });

  test('[UI5] wherever the text is cut, the events are the same', () => {
    const line = fc.constantFrom(
      'data: a',
      'data: ü{"x":1}',
      'event: typing',
      'id: e.7',
      ': beat',
      '',
      '',
      'junk',
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, end), { maxLength: 40 }),
        fc.array(fc.nat(400), { maxLength: 30 }),
        (lines, cuts) => {
          const text = lines.map(([content, ending]) => content + ending).join('');
          const places = [
            0,
            ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b),
            text.length,
          ];
          const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
          // A trailing CR may still become CRLF; an unambiguous end settles both alike.
          expect(parse([...pieces, '\n'])).toEqual(parse([text, '\n']));
          expect(parse([...text, '\n'])).toEqual(parse([text, '\n']));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('[UI5] a line without an end and an event without an end stop at the bound', () => {
    expect(() => parse(['data: ', 'x'.repeat(100)], 50)).toThrow(RangeError);
    expect(() =>
      parse(
        Array.from({ length: 20 }, () => 'data: 12345\n'),
        50,
      ),
    ).toThrow(RangeError);
    expect(
      parse(
        Array.from({ length: 20 }, () => 'data: 12345\n\n'),
        50,
      ).events,
    ).toHaveLength(20);
  });

  test('[UI5] a long line in many small pieces costs linear time', () => {
    const tookMs = cpuMsOf(() => {
      const { events } = parse([...Array.from({ length: 20_000 }, () => 'data: xxxxxxxxxx\n'), '\n']);
      expect(events).toHaveLength(1);
      const parser = createSseParser({ onEvent() {}, onComment() {} });
      for (let index = 0; index < 100_000; index++) parser.feed('xxxxxxxxxx');
    });
    expect(tookMs).toBeLessThan(3_000);
  });
});
