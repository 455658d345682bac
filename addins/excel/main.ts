/** The Excel pane, and in the same runtime the custom functions: they share its sign-in and its stream. */
import { associateFunctions, cellFault, type Invocation } from '../shared/office/custom-functions.ts';
import { runnerOfExcel } from '../shared/office/excel.ts';
import { startPane } from '../shared/office/start-pane.ts';
import { type CellKind, createPresenceCells } from './cells.ts';
import { colourCells } from './colour-cells.ts';
import { entityOf } from './entity.ts';
import { createExcelPeople } from './people.ts';
import { cellWords } from './words.ts';

const cells = createPresenceCells();

const insisted = (address: unknown): string => {
  if (typeof address === 'string' && address.includes('@')) return address;
  throw cellFault('#VALUE!', cellWords('noAddress'));
};
const streaming = (kind: CellKind) => (address: unknown, invocation: Invocation) =>
  cells.show(kind, insisted(address), invocation);

async function person(given: unknown): Promise<unknown> {
  const address = insisted(given);
  const found = await cells.person(address).catch(() => {
    throw cellFault('#N/A', cellWords('notNow'));
  });
  if (found === null) throw cellFault('#N/A', cellWords('notFound'));
  return entityOf(found.person, found.shown);
}

// Before Excel asks: cells are calculated as soon as the library is ready.
void associateFunctions({
  PRESENCE: streaming('presence'),
  ACTIVITY: streaming('activity'),
  UNTIL: streaming('until'),
  PERSON: person,
});

const run = () => {
  const runner = runnerOfExcel();
  if (runner === null) throw new Error('office.js names Excel as the host and brings no Excel');
  return runner;
};
await startPane({
  name: 'excel',
  createPeople: (office) => createExcelPeople(office, run()),
  actions: (office) => ({
    // Excel has no form for a mail: the link opens the person's own program.
    writeMail: () => false,
    commands: [{ title: () => cellWords('colour'), run: () => colourCells(office, run()) }],
  }),
  opened: (client) => cells.connect(client),
});
