/** Small turns between rows and records: flags, JSON columns and pages. */

export const flag = (value: boolean): number => (value ? 1 : 0);
export const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
export const parseOrNull = <Value>(json: string | null): Value | null =>
  json === null ? null : (JSON.parse(json) as Value);

/** Rows read per query when a whole table is walked, so that no reading transaction stays open. */
export const pageRows = 1_000;

/** Walks pages until one comes back short. */
export async function* inPages<Row>(
  page: (last: Row | undefined) => Promise<readonly Row[]> | readonly Row[],
): AsyncGenerator<Row> {
  let last: Row | undefined;
  for (;;) {
    const rows = await page(last);
    yield* rows;
    if (rows.length < pageRows) return;
    last = rows.at(-1);
  }
}
