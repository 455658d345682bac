/** Excel on the web as office.js knows it: request batches over the workbook, and the events of the grid. */
import type { Emit, HostModel } from '../host/model.ts';
import { batchOf, createRichHost, nameOfBatch, refuseBatch } from '../host/rich-api.ts';
import { createFunctionsHost, type FunctionsHost, functionsService } from './functions-host.ts';
import { excelModel } from './object-model.ts';
import { addressOf, type PlayedWorkbook } from './workbook.ts';

/** What Excel on the web offers to this office.js. */
const requirementSets = {
  ExcelApi: '1.16',
  SharedRuntime: '1.1',
  CustomFunctionsRuntime: '1.4',
  CustomFunctions: '1.4',
  DialogApi: '1.2',
  DialogOrigin: '1.1',
};
const notSupported = 5_000;
/** What the address of the pane's frame tells office.js of its runtime. */
const sharedRuntime = 1;
const customFunctions = 2;
/** Kinds of events and their numbers in office.js; all of the grid's are one category of messages. */
const gridEvents = 65_536;
const kinds = { changed: 11, selected: 14, commentAdded: 250 } as const;
const ofWorkbook = 'Workbook';

export type ExcelHost = HostModel & { readonly functions: FunctionsHost };

/** The list of functions, from where the manifest says it is. */
const functionsList = '/addins/excel/functions.json';

/** Makes Excel out of a workbook. */
export function createExcelHost(workbook: PlayedWorkbook): ExcelHost {
  const emits = new Set<Emit>();
  const functions = createFunctionsHost(
    workbook,
    async () => (await fetch(functionsList)).json(),
    (entries) => emit('richApiMessage', { ArrayData: entries }),
  );
  const model = excelModel(workbook, { [functionsService]: functions.service });
  const rich = createRichHost(() => model);
  const emit: Emit = (event, data) => {
    for (const one of emits) one(event, data);
  };
  function raise(kind: number, message: unknown): void {
    emit('richApiMessage', {
      ArrayData: [[gridEvents, kind, ofWorkbook, JSON.stringify(message), '', false]],
    });
  }

  workbook.subscribe((change) => {
    const address = addressOf(workbook.file.sheet, workbook.selection);
    if (change === 'selection') {
      emit('documentSelectionChanged', {});
      raise(kinds.selected, { address, worksheetId: 'sheet-1', workbookId: 'workbook-1' });
    }
    if (change === 'cells')
      raise(kinds.changed, { address, worksheetId: 'sheet-1', changeType: 'RangeEdited', source: 'Local' });
    if (change === 'comments') {
      const id = workbook.file.comments.at(-1)?.id ?? '';
      raise(kinds.commentAdded, { commentDetails: [{ commentId: id, replyIds: [] }], source: 'Local' });
    }
  });

  return {
    functions,
    // The pane's runtime is shared with custom functions, as the manifest asks for.
    application: { name: 'Excel', number: 16, fileVersion: '16.00', flags: sharedRuntime | customFunctions },
    requirementSets: () => requirementSets,
    appContext: () => ({ _settings: [], _docUrl: workbook.file.url || workbook.file.name }),
    nameOf(action, data) {
      const batch = batchOf(data);
      return batch === null ? action : nameOfBatch(batch);
    },
    answer(_action, data) {
      const batch = batchOf(data);
      return batch === null ? { Error: notSupported, Version: 1 } : rich.execute(batch);
    },
    refusal: () => refuseBatch('GeneralException', 'Excel refuses, because it was told to.'),
    connect(one) {
      emits.add(one);
      return () => emits.delete(one);
    },
  };
}
