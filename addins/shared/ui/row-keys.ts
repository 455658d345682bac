/** Arrow keys through the rows of a list, across shadow roots; Home and End too. Tab leaves the list as usual. */

const steps: Record<string, (index: number, count: number) => number> = {
  ArrowDown: (index, count) => Math.min(index + 1, count - 1),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_index, count) => count - 1,
};

/** Handles a keydown of the element that holds the rows (`rowSelector`); rows take focus themselves. */
export function moveByKey(event: KeyboardEvent, root: ParentNode, rowSelector: string): void {
  const step = steps[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...root.querySelectorAll<HTMLElement>(rowSelector)];
  const path = event.composedPath();
  const index = rows.findIndex((row) => path.includes(row));
  if (index < 0) return;
  event.preventDefault();
  rows[step(index, rows.length)]?.focus();
}
