/** Word on the web as office.js knows it: request batches over the document, and the selection's event. */
import type { Emit, HostModel } from '../host/model.ts';
import { batchOf, createRichHost, nameOfBatch, refuseBatch } from '../host/rich-api.ts';
import type { PlayedDocument } from './document.ts';
import { wordModel } from './object-model.ts';

/** What Word on the web offers to this office.js; the desktop's own sets are not there. */
const requirementSets = { WordApi: '1.8', SharedRuntime: '1.1', DialogApi: '1.2', DialogOrigin: '1.1' };
const notSupported = 5_000;

/** Makes Word out of a document. */
export function createWordHost(document: PlayedDocument): HostModel {
  const emits = new Set<Emit>();
  const rich = createRichHost(() => model);
  let model = wordModel(document);
  document.subscribe((change) => {
    if (change !== 'theme') model = wordModel(document);
    if (change !== 'selection') return;
    for (const emit of emits) emit('documentSelectionChanged', {});
  });

  return {
    application: { name: 'Word', number: 32, fileVersion: '16.00' },
    requirementSets: () => requirementSets,
    appContext: () => ({ _settings: {}, _docUrl: document.file.url || document.file.name }),
    nameOf(action, data) {
      const batch = batchOf(data);
      return batch === null ? action : nameOfBatch(batch);
    },
    answer(_action, data) {
      const batch = batchOf(data);
      return batch === null ? { Error: notSupported, Version: 1 } : rich.execute(batch);
    },
    refusal: () => refuseBatch('GeneralException', 'Word refuses, because it was told to.'),
    connect(emit) {
      emits.add(emit);
      return () => emits.delete(emit);
    },
  };
}
