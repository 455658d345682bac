/** A person's initials on a colour of their own, for the played Outlook. */
import { html, type TemplateResult } from 'lit';
import type { Mailperson } from './mailbox.ts';

/** Hues that stay apart from the states' green, red and yellow. */
const hues = [205, 265, 315, 230, 185, 290];

export function face(person: Mailperson, size: number): TemplateResult {
  const letters = (person.name || person.address).match(/\p{L}/gu)
    ? initials(person.name || person.address)
    : '?';
  const hue =
    hues[[...person.address].reduce((sum, sign) => sum + (sign.codePointAt(0) ?? 0), 0) % hues.length];
  const style = `width:${size}px;height:${size}px;font-size:${Math.round(size * 0.4)}px;background:hsl(${hue} 45% 32%)`;
  return html`<span class="face" .style=${style} aria-hidden="true">${letters}</span>`;
}

function initials(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter((word) => /^\p{L}/u.test(word));
  const first = words[0]?.[0] ?? '';
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}
