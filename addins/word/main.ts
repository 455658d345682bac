/** The Word pane: the shared pane with the people of the document. */
import { startPane } from '../shared/office/start-pane.ts';
import { runnerOfWord } from '../shared/office/word.ts';
import { createWordPeople } from './people.ts';

await startPane({
  name: 'word',
  createPeople(office) {
    const run = runnerOfWord();
    if (run === null) throw new Error('office.js names Word as the host and brings no Word');
    return createWordPeople(office, run);
  },
  // Word has no form for a mail: the link opens the person's own program.
  actions: () => ({ writeMail: () => false }),
});
