/** The add-in page of outlook-people.test.ts: the people source on the real office.js, and all it told. */
import { createOutlookPeople } from '../../../addins/outlook/people.ts';
import { startOffice } from '../../../addins/shared/office/host.ts';
import type { ItemState } from '../../../addins/shared/people-source.ts';

const told: ItemState[] = [];
Object.assign(window, { told });
const started = await startOffice();
if (started.kind === 'host') {
  const source = createOutlookPeople(started.office);
  told.push(source.current());
  source.subscribe((state) => told.push(state));
}
