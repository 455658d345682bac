/**
 * Places a floating surface beside what it belongs to, inside the window and never over its anchor: below if
 * there is room, else above, else where there is more, cut to size and scrolling. With `side`, to the right
 * first, so that a list can be gone through with the pointer. What grows afterwards scrolls instead of leaving
 * the window.
 */

const gap = 4;
const margin = 8;

export function placeBeside(
  floating: HTMLElement,
  anchor: DOMRect,
  align: 'start' | 'end' | 'side' = 'start',
): void {
  const { style } = floating;
  style.maxHeight = '';
  const width = floating.offsetWidth;
  const height = floating.offsetHeight;
  const viewWidth = document.documentElement.clientWidth;
  const viewHeight = window.innerHeight;
  const isRightToLeft = getComputedStyle(floating).direction === 'rtl';
  const beside = isRightToLeft ? anchor.left - gap - width : anchor.right + gap;
  if (align === 'side' && beside >= margin && beside + width + margin <= viewWidth) {
    const top = Math.max(margin, Math.min(anchor.top, viewHeight - height - margin));
    style.maxHeight = `${viewHeight - top - margin}px`;
    style.top = `${top}px`;
    style.left = `${beside}px`;
    return;
  }
  const below = viewHeight - anchor.bottom - gap - margin;
  const above = anchor.top - gap - margin;
  const isBelow = below >= height || below >= above;
  const room = Math.max(120, isBelow ? below : above);
  style.maxHeight = `${room}px`;
  const used = Math.min(height, room);
  style.top = `${isBelow ? anchor.bottom + gap : Math.max(margin, anchor.top - gap - used)}px`;
  const wanted = align !== 'end' ? anchor.left : anchor.right - width;
  style.left = `${Math.max(margin, Math.min(wanted, viewWidth - width - margin))}px`;
}
