/**
 * The hash chain of an exported archive. Every line holds the digest of the line before and its own, so that
 * a changed, missing, added or moved line shows, and a closing line says how many there should be. What is
 * proved is that the file is as it was exported; the closing digest, kept elsewhere, proves which export it was.
 */
import { hash } from 'node:crypto';

const start = '0'.repeat(64);
const digest = (text: string): string => hash('sha256', text, 'hex');

/** Makes the lines of one export, in order; each ends with a line feed. */
export function createChain() {
  let previous = start;
  let number = 0;
  return {
    /** `record` is JSON already. */
    line(record: string): string {
      number += 1;
      const own = digest(`${number}\n${previous}\n${record}`);
      const line = `{"line":${number},"previous":"${previous}","hash":"${own}","record":${record}}\n`;
      previous = own;
      return line;
    },
    /** How many lines there have been so far. */
    get count(): number {
      return number;
    },
  };
}

export type ChainVerdict =
  | { readonly intact: true; readonly lines: number; readonly digest: string }
  | { readonly intact: false; readonly line: number; readonly reason: string };

const shape = /^\{"line":(\d{1,15}),"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","record":(.*)\}$/su;

/** Checks an exported archive line by line; the first thing that is wrong is named. Blank lines at the end are no fault. */
export async function verifyChain(lines: AsyncIterable<string> | Iterable<string>): Promise<ChainVerdict> {
  let previous = start;
  let number = 0;
  let closing: { lines?: unknown } | null = null;
  const broken = (reason: string): ChainVerdict => ({ intact: false, line: number, reason });
  for await (const text of lines) {
    if (text === '') continue;
    number += 1;
    if (closing !== null) return broken('there is a line behind the closing one');
    const [, count, before, own, record = ''] = shape.exec(text) ?? [];
    if (own === undefined) return broken('it is not a line of an archive');
    if (Number(count) !== number) return broken(`it calls itself line ${count}`);
    if (before !== previous)
      return broken('it does not follow the line before: something is missing or was put in');
    if (digest(`${number}\n${previous}\n${record}`) !== own)
      return broken('its content is not what was exported');
    previous = own;
    if (record.startsWith('{"type":"end"')) closing = JSON.parse(record) as { lines?: unknown };
  }
  if (closing === null) return broken('the closing line is missing: the end was cut off');
  if (closing.lines !== number) return broken(`the closing line speaks of ${String(closing.lines)} lines`);
  return { intact: true, lines: number, digest: previous };
}
