/** From a name alone to a person of the directory, or to several. */
import { describe, expect, test } from 'vitest';
import { createNameBook } from '../../addins/shared/client/name-book.ts';
import { rowsOf } from '../../addins/shared/item-rows.ts';
import type { Person } from '../../server/protocol/contacts.ts';

const person = (id: string, displayName: string) =>
  ({ id, displayName, address: `${id}@contoso.example` }) as unknown as Person;
const settled = () => new Promise((resolve) => setTimeout(resolve));

function bookOf(answers: Record<string, Person[] | Error>) {
  const asked: string[] = [];
  let changes = 0;
  let running = 0;
  let most = 0;
  const book = createNameBook({
    api: {
      async people(q) {
        asked.push(q);
        running += 1;
        most = Math.max(most, running);
        await settled();
        running -= 1;
        const answer = answers[q] ?? [];
        if (answer instanceof Error) throw answer;
        return { items: answer, next: null };
      },
    },
    onChange: () => {
      changes += 1;
    },
  });
  return { book, asked, changes: () => changes, most: () => most };
}

describe('[OF43] names', () => {
  test('[OF43] only the whole name counts, in any case and spacing', async () => {
    const { book } = bookOf({
      'bob  KOVÁCS': [person('bob', 'Bob Kovács'), person('other', 'Bob Kovácsi')],
      Bob: [person('bob', 'Bob Kovács')],
    });
    book.need(['bob  KOVÁCS', 'Bob']);
    expect(book.find('Bob Kovács')).toEqual({ kind: 'pending' });
    await settled();
    await settled();
    expect(book.find('Bob Kovács')).toMatchObject({ kind: 'person', person: { id: 'bob' } });
    expect(book.find('Bob')).toEqual({ kind: 'stranger' });
  });
  test('[OF43] several of one name are all told, and each name is asked for once, four at a time', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `Name ${index}`);
    const { book, asked, most, changes } = bookOf({
      'Name 3': [person('a', 'Name 3'), person('b', 'name 3')],
    });
    book.need(names);
    book.need(names);
    for (let wait = 0; wait < 12; wait += 1) await settled();
    expect(book.find('Name 3')).toMatchObject({ kind: 'ambiguous', people: [{ id: 'a' }, { id: 'b' }] });
    expect([asked.length, most(), changes()]).toEqual([12, 4, 12]);
  });
  test('[OF43] a failed search can be tried again', async () => {
    const answers: Record<string, Person[] | Error> = { Bob: new Error('unreachable') };
    const { book } = bookOf(answers);
    book.need(['Bob']);
    for (let wait = 0; wait < 3; wait += 1) await settled();
    expect(book.find('Bob')).toEqual({ kind: 'failed' });
    answers.Bob = [person('bob', 'Bob')];
    book.need(['Bob']);
    for (let wait = 0; wait < 3; wait += 1) await settled();
    expect(book.find('Bob')).toMatchObject({ kind: 'person' });
  });
  test('[OF43] a row of a name is the person, all candidates, or a name', () => {
    const names = {
      find: (name: string) =>
        name === 'Bob'
          ? ({ kind: 'person', person: person('bob', 'Bob') } as const)
          : name === 'Abigail'
            ? ({ kind: 'ambiguous', people: [person('a', 'Abigail'), person('b', 'Abigail')] } as const)
            : ({ kind: 'stranger' } as const),
    };
    const people = ['Bob', 'Abigail', 'Nobody', 'Me'].map((name) => ({ name, address: '', roles: [] }));
    const rows = rowsOf({ people }, { find: () => ({ kind: 'pending' }) }, 'me', names);
    expect(rows.map(({ kind, key, candidates }) => [kind, key, candidates?.length])).toEqual([
      ['person', 'bob', undefined],
      ['ambiguous', 'name:Abigail', 2],
      ['nameless', 'name:Nobody', undefined],
      ['nameless', 'name:Me', undefined],
    ]);
  });
});
