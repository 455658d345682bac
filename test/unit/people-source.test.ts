/** Uniting people of an item, and telling light from dark: the pure parts of the Office panes. */
import { describe, expect, test } from 'vitest';
import { isDark } from '../../addins/shared/office/host.ts';
import { unitePeople } from '../../addins/shared/people-source.ts';

describe.concurrent('[OF4] uniting people', () => {
  test('[OF4] an address counts in any case, a name that repeats the address does not count', () => {
    const united = unitePeople([
      { address: 'bob@contoso.example', name: 'bob@contoso.example', roles: ['to'] },
      { address: 'BOB@contoso.example', name: 'Bob Kovács', roles: ['cc', 'to'] },
    ]);
    expect(united).toEqual([{ address: 'bob@contoso.example', name: 'Bob Kovács', roles: ['to', 'cc'] }]);
  });
  test('[OF4] a name without an address stays a person; nothing at all is nobody', () => {
    const united = unitePeople([
      { address: '', name: 'Team Budget', roles: ['to'] },
      { address: ' ', name: '', roles: ['cc'] },
    ]);
    expect(united).toEqual([{ address: '', name: 'Team Budget', roles: ['to'] }]);
  });
});

test('[OF7] light and dark are told apart by the host’s colour, and nonsense is light', () => {
  expect(['#ffffff', '#F5F5F5', '#1f1f1f', '000000', 'teal', ''].map(isDark)).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});
