/**
 * Keeps what somebody reads where it is while messages come and go above it. By hand, because not every
 * browser anchors, and none where the anchor itself is drawn anew.
 */
export interface ScrollAnchor {
  readonly seq: string;
  /** Distance from the top of the log, in px. */
  readonly top: number;
}

const rowsOf = (log: HTMLElement) => log.querySelectorAll<HTMLElement>('.message[data-seq]');

/** The first message that can be seen, and where; null while there is none. Costs a few layout reads. */
export function anchorOf(log: HTMLElement): ScrollAnchor | null {
  const rows = rowsOf(log);
  const { top } = log.getBoundingClientRect();
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as HTMLElement).getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  const row = rows[low];
  return row ? { seq: row.dataset.seq ?? '', top: row.getBoundingClientRect().top - top } : null;
}

/** Scrolls so that the message stands where it stood; nothing happens when it is gone. */
export function restoreAnchor(log: HTMLElement, anchor: ScrollAnchor): void {
  const row = log.querySelector<HTMLElement>(`.message[data-seq="${anchor.seq}"]`);
  if (!row) return;
  const moved = row.getBoundingClientRect().top - log.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) >= 1) log.scrollTop += moved;
}
