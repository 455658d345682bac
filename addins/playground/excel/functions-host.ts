/**
 * Excel's side of custom functions: starts the functions of formulas in the add-in's runtime, hands results to
 * their cells, cancels what nobody wants any more. Reads formulas of one function and one argument, a text or a
 * cell; everything else is Excel's own and not played.
 */
import type { RichObject } from '../host/rich-api.ts';
import { type Cell, cellOf, type PlayedWorkbook, type Result } from './workbook.ts';

/** Messages to the runtime are one category of rich messages; the numbers are office.js' own. */
const functionMessages = 1;
const kinds = { invoke: 1_000, cancel: 1_001 } as const;
const flags = { cancelable: 1, streaming: 2 } as const;
/** What the runtime reports instead of a result, as a cell shows it. */
const faults: Readonly<Record<number, string>> = { 1: '#N/A', 5: '#DIV/0!', 6: '#NUM!', 8: '#NULL!' };

interface Metadata {
  readonly functions: readonly {
    readonly id: string;
    readonly options?: { readonly stream?: boolean; readonly cancelable?: boolean };
  }[];
}
interface Running {
  readonly id: number;
  readonly row: number;
  readonly column: number;
  /** Formula and argument: with another, it is another call. */
  readonly call: string;
}
interface Entity {
  readonly type: 'Entity';
  readonly text: string;
  readonly properties: Readonly<Record<string, { readonly basicValue: unknown }>>;
}

export interface FunctionsHost {
  /** The service that the runtime calls. */
  readonly service: RichObject;
  /** Every message that was sent, for tests: so many were started, so many cancelled. */
  readonly counts: { started: number; cancelled: number; results: number };
}

/** The name under which office.js asks for the service. */
export const functionsService = 'Microsoft.ExcelServices.CustomFunctions';

/** Makes the host; `metadata` is what the manifest points at. */
export function createFunctionsHost(
  workbook: PlayedWorkbook,
  metadata: () => Promise<Metadata>,
  send: (entries: readonly unknown[][]) => void,
): FunctionsHost {
  const running = new Map<string, Running>();
  const byId = new Map<number, Running>();
  const counts = { started: 0, cancelled: 0, results: 0 };
  let functions: Metadata['functions'] | null = null;
  let isReady = false;
  let ids = 0;

  const message = (kind: number, content: unknown): unknown[] => [
    functionMessages,
    kind,
    '',
    JSON.stringify(content),
    '',
    false,
  ];

  /** Reads `=JELLYBEAN.PRESENCE(B2)`; null for what is no custom function. */
  function read({ formula = '' }: Cell): { id: string; argument: unknown } | null {
    const [, id, text, reference] =
      /^=\s*JELLYBEAN\.(\w+)\(\s*(?:"([^"]*)"|(\$?[A-Z]{1,3}\$?\d+))?\s*\)\s*$/i.exec(formula) ?? [];
    if (id === undefined) return null;
    const place = reference === undefined ? null : cellOf(reference);
    const argument = place === null ? (text ?? '') : (workbook.cellAt(place.row, place.column)?.value ?? '');
    return { id: id.toUpperCase(), argument };
  }

  function calculate(): void {
    if (!isReady || functions === null) return;
    const entries: unknown[][] = [];
    const unknown: Result[] = [];
    const wanted = new Set<string>();
    const { rows, columns } = workbook.size;
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const cell = workbook.cellAt(row, column);
        const call = cell?.formula === undefined ? null : read(cell);
        if (call === null) continue;
        const known = functions.find(({ id }) => id === call.id);
        if (known === undefined) {
          if (cell?.value !== '#NAME?') unknown.push({ row, column, value: '#NAME?' });
          continue;
        }
        const key = `${row},${column}`;
        wanted.add(key);
        const text = JSON.stringify([call.id, call.argument]);
        if (running.get(key)?.call === text) continue;
        cancel(key, entries);
        ids += 1;
        counts.started += 1;
        const one = { id: ids, row, column, call: text };
        running.set(key, one);
        byId.set(ids, one);
        const { stream = false, cancelable = false } = known.options ?? {};
        const how = (stream ? flags.streaming : 0) | (cancelable ? flags.cancelable : 0);
        entries.push(message(kinds.invoke, [ids, call.id, [call.argument], null, how]));
      }
    }
    for (const key of [...running.keys()]) if (!wanted.has(key)) cancel(key, entries);
    if (entries.length > 0) send(entries);
    if (unknown.length > 0) workbook.show(unknown);
  }

  function cancel(key: string, entries: unknown[][]): void {
    const one = running.get(key);
    if (one === undefined) return;
    running.delete(key);
    byId.delete(one.id);
    counts.cancelled += 1;
    entries.push(message(kinds.cancel, { invocationId: one.id }));
  }

  function take(
    results: readonly { id: number; value: unknown; failed?: boolean; errorCode?: number }[],
  ): null {
    counts.results += results.length;
    workbook.show(
      results.flatMap(({ id, value, failed, errorCode = 0 }): Result[] => {
        const one = byId.get(id);
        if (one === undefined) return [];
        const { row, column } = one;
        if (failed) return [{ row, column, value: faults[errorCode] ?? '#VALUE!' }];
        if (!isEntity(value)) return [{ row, column, value: value as Cell['value'] }];
        const card = Object.entries(value.properties).map(([name, { basicValue }]) => [
          name,
          String(basicValue),
        ]);
        return [{ row, column, value: value.text, card: Object.fromEntries(card) }];
      }),
    );
    return null;
  }

  workbook.subscribe((change) => {
    if (change === 'cells' || change === 'file') calculate();
  });
  return {
    counts,
    service: {
      setInvocationResults: take,
      _SetOsfControlContainerReadyForCustomFunctions() {
        // A runtime that starts knows nothing of what the one before was asked.
        running.clear();
        byId.clear();
        isReady = true;
        void metadata().then((known) => {
          functions = known.functions;
          calculate();
        });
        return null;
      },
    },
  };
}

function isEntity(value: unknown): value is Entity {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Entity';
}
