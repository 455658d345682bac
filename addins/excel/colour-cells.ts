/** Formats that give cells the colour of the presence in them, by the shape that each state has. */
import type { Availability } from '../../server/protocol/vocabulary.ts';
import type { RunExcel } from '../shared/office/excel.ts';
import { type OfficeApi, supports } from '../shared/office/host.ts';
import { glyphs } from './cells.ts';
import { cellWords } from './words.ts';

/** Fluent's colours of the states, dark enough to be read on a white sheet (4.5:1). */
const colours = {
  available: '#0E700E',
  'available-idle': '#0E700E',
  busy: '#B10E1C',
  'busy-idle': '#B10E1C',
  'do-not-disturb': '#B10E1C',
  'be-right-back': '#8A5300',
  away: '#8A5300',
  offline: '#616161',
  unknown: '#616161',
} as const satisfies Record<Availability, string>;

/** Adds the formats to the selected cells; answers what to tell. */
export async function colourCells(office: OfficeApi, run: RunExcel): Promise<string> {
  if (!supports(office, 'conditionalFormats')) return cellWords('notColoured', { detail: 'ExcelApi 1.6' });
  try {
    await run(async (context) => {
      const range = context.workbook.getSelectedRange();
      for (const availability of Object.keys(colours) as Availability[]) {
        const { textComparison } = range.conditionalFormats.add('ContainsText');
        textComparison.format.font.color = colours[availability];
        textComparison.rule = { operator: 'Contains', text: glyphs[availability] };
      }
      await context.sync();
    });
    return cellWords('coloured');
  } catch (error) {
    return cellWords('notColoured', { detail: (error as Error).message });
  }
}
