/** A person as Excel's entity card: `=JELLYBEAN.PERSON(…)`. Pure; Excel draws it. */
import type { Person } from '../../server/protocol/contacts.ts';
import type { Shown } from '../shared/client/presence-store.ts';
import { stateSentence } from '../shared/ui/person-text.ts';
import { glyphs } from './cells.ts';
import { cellWords } from './words.ts';

/** Makes the entity. What the directory does not know is left out. */
export function entityOf(person: Person, shown: Shown): Record<string, unknown> {
  const text = (value: string) => ({ type: 'String', basicValue: value });
  const known = (
    [
      [cellWords('name'), person.displayName],
      [cellWords('presence'), `${glyphs[shown.availability]} ${stateSentence(shown)}`],
      [cellWords('address'), person.address],
      [cellWords('jobTitle'), person.title],
      [cellWords('department'), person.department],
      [cellWords('office'), person.office],
      [cellWords('phone'), person.phones.work],
    ] as const
  ).filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== '');
  return {
    type: 'Entity',
    text: person.displayName,
    basicType: 'Error',
    basicValue: '#VALUE!',
    properties: Object.fromEntries(known.map(([name, value]) => [name, text(value)])),
    layouts: {
      compact: { icon: 'Person' },
      card: {
        title: { property: cellWords('name') },
        sections: [{ layout: 'List', properties: known.slice(1).map(([name]) => name) }],
      },
    },
    provider: { description: 'Jellybean' },
  };
}
