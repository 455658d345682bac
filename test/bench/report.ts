/**
 * What a case hands in and how it is shown: rows of figures, each with the goal it is held to where there
 * is one. A figure that this system cannot measure is shown as unknown, never as 0.
 */
import { median } from './statistics.ts';

export interface Row {
  readonly what: string;
  /** Null = could not be measured here. */
  readonly value: number | null;
  readonly unit: string;
  /** Lowest and highest of the rounds, where there were several. */
  readonly range?: readonly [number, number];
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
  readonly remark?: string;
}

export interface CaseReport {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Everything the rows were made of, for the JSON. */
  readonly rounds: unknown;
}

/** The median of several rounds with their range; unknown as soon as one round does not know. */
export function rowOf(
  what: string,
  unit: string,
  values: readonly (number | null)[],
  extra: Pick<Row, 'goal' | 'remark'> = {},
): Row {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length || known.length === 0) return { what, unit, value: null, ...extra };
  return { what, unit, value: median(known), range: [Math.min(...known), Math.max(...known)], ...extra };
}

/** Whether a row keeps its goal; null where it has none or is unknown. */
export function meetsGoal({ value, goal }: Row): boolean | null {
  if (goal === undefined || value === null) return null;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** A figure as a table shows it: three digits, or whole where it is large. */
export const formatFigure = (value: number): string =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en')
    : Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });

/** A Markdown table. */
export function formatReport({ title, rows }: CaseReport): string {
  const lines = rows.map((row) => {
    const range =
      row.range && row.range[0] !== row.range[1]
        ? `${formatFigure(row.range[0])}–${formatFigure(row.range[1])}`
        : '';
    const goal = !row.goal
      ? ''
      : 'atMost' in row.goal
        ? `≤ ${formatFigure(row.goal.atMost)}`
        : `≥ ${formatFigure(row.goal.atLeast)}`;
    const verdict = { true: 'yes', false: '**no**', null: '' }[
      String(meetsGoal(row)) as 'true' | 'false' | 'null'
    ];
    const value = row.value === null ? 'unknown' : `${formatFigure(row.value)} ${row.unit}`.trim();
    return `| ${[row.what, value, range, goal, verdict, row.remark ?? ''].join(' | ')} |`;
  });
  return `### ${title}\n\n| what | median | range | goal | kept | remark |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`;
}
