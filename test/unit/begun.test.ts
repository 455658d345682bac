/** Conversations that are begun and not yet written into. */
import { describe, expect, test } from 'vitest';
import { createBegun, isLocal } from '../../addins/shared/client/begun.ts';

const context = { kind: 'mail', title: 'Budget: last questions', itemId: '<a:b@contoso.example>' } as const;

function memory() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
}

describe('[OF14] a conversation that is only begun', () => {
  test('has one name for the same people and subject, and keeps both beyond the page', () => {
    const storage = memory();
    const begun = createBegun({ scope: 'one', storage });
    const id = begun.begin(['bob', 'carol'], context);
    expect(isLocal(id)).toBe(true);
    expect(begun.begin(['bob', 'carol'], context)).toBe(id);
    expect(begun.begin(['bob', 'carol'], null)).not.toBe(id);
    const anew = createBegun({ scope: 'one', storage });
    expect(anew.find(id)).toEqual({ ids: ['bob', 'carol'], context });
    expect(createBegun({ scope: 'another', storage }).find(id)?.context).toBeNull();
  });

  test('is forgotten when it is a real one, and after ten others', () => {
    const storage = memory();
    const begun = createBegun({ scope: 'one', storage });
    const first = begun.begin(['bob'], context);
    begun.end(first);
    expect([...storage.items.values()]).toEqual(['[]']);
    begun.begin(['bob'], context);
    for (let other = 0; other < 10; other += 1)
      begun.begin(['bob'], { ...context, itemId: `other-${other}` });
    expect(createBegun({ scope: 'one', storage }).find(first)).toEqual({ ids: ['bob'], context: null });
    expect(createBegun({ scope: 'one', storage }).find('9b2d')).toBeNull();
  });

  test('is known as long as the page lives where nothing may be kept, and after what others wrote there', () => {
    const broken = {
      getItem: () => '{"no":',
      setItem: () => {
        throw new Error('full');
      },
    };
    for (const storage of [null, broken]) {
      const begun = createBegun({ scope: 'one', storage });
      expect(begun.find(begun.begin(['bob'], context))).toEqual({ ids: ['bob'], context });
      begun.end('new:bob');
    }
    const odd = { ...memory(), getItem: () => '[1, null, ["new:bob:x"]]' };
    expect(createBegun({ scope: 'one', storage: odd }).find('new:bob:x')?.context ?? null).toBeNull();
  });
});
