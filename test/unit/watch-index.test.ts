import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toUserId } from '../../server/domain/ids.ts';
import { formatCursor, parseCursor } from '../../server/services/cursor.ts';
import {
  type DisclosureClass,
  disclosureClasses,
  Interner,
  WatchIndex,
} from '../../server/services/watch-index.ts';

describe('watch index', () => {
  test('[EV25] the index equals a plain map whatever is set and removed', () => {
    const step = fc.record({
      presentity: fc.nat(5),
      slot: fc.nat(40),
      disclosure: fc.option(fc.constantFrom(...disclosureClasses)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const index = new WatchIndex();
        const plain = new Map<string, DisclosureClass>();
        for (const { presentity, slot, disclosure } of steps) {
          const key = `${presentity} ${slot}`;
          if (disclosure === null) {
            index.remove(presentity, slot);
            plain.delete(key);
          } else {
            expect(index.set(presentity, slot, disclosure)).toBe(!plain.has(key));
            plain.set(key, disclosure);
          }
        }
        const seen = new Map<string, DisclosureClass>();
        for (let presentity = 0; presentity <= 5; presentity += 1) {
          let entries = 0;
          index.forEach(presentity, (slot, classNumber) => {
            entries += 1;
            seen.set(`${presentity} ${slot}`, disclosureClasses[classNumber] as DisclosureClass);
          });
          expect(index.count(presentity)).toBe(entries);
        }
        expect(seen).toEqual(plain);
      }),
    );
  });

  test('[EV25] a person keeps their number', () => {
    const people = new Interner();
    const [alice, bob] = [toUserId('alice'), toUserId('bob')];
    expect(people.find(alice)).toBe(-1);
    expect([people.numberOf(alice), people.numberOf(bob), people.numberOf(alice)]).toEqual([0, 1, 0]);
    expect(people.idOf(1)).toBe(bob);
  });
});

describe('cursor', () => {
  test('[EV23] what was formatted is read back; anything else is refused', () => {
    expect(parseCursor(formatCursor('Zp3-x_Q', 42))).toEqual({ epoch: 'Zp3-x_Q', seq: 42 });
    for (const text of [
      '',
      '42',
      '.42',
      'a.',
      'a.-1',
      'a.1.2',
      'a.1e3',
      `a.${'9'.repeat(16)}`,
      'ä.1',
      'a b.1',
    ])
      expect(parseCursor(text)).toBe('invalid');
  });
});
