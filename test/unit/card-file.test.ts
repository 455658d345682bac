/** Cutting a file of address cards into pieces. */
import { expect, test } from 'vitest';
import { cutCards } from '../../addins/shared/settings/card-file.ts';

const card = (name: string, end = '\r\n') =>
  ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, 'END:VCARD', ''].join(end);

test('[UI60] a file of cards is cut at their ends, nothing is lost, and every card is counted once', () => {
  const text = Array.from({ length: 7 }, (_, at) => card(`Card ${at}`, at % 2 ? '\n' : '\r\n')).join('');
  const pieces = cutCards(text, 3);
  expect(pieces.map(({ cards }) => cards)).toEqual([3, 3, 1]);
  expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  for (const piece of pieces) expect(piece.text).toMatch(/^BEGIN:VCARD/);
  expect(cutCards(text, 100)).toEqual([{ text, cards: 7 }]);
});

test('[UI60] lower case and a last line without an end count; a file without cards has no pieces', () => {
  expect(cutCards('begin:vcard\nfn:x\nend:vcard', 10)).toEqual([
    { text: 'begin:vcard\nfn:x\nend:vcard', cards: 1 },
  ]);
  expect(cutCards('', 10)).toEqual([]);
  expect(cutCards('NOTE:END:VCARD is what ends a card', 10)).toEqual([]);
});
