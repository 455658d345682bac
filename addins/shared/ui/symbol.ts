/** Fluent's line symbols as Lit templates; always decoration, the button around them carries the name. */
import { svg, type TemplateResult } from 'lit';
import { symbolPaths } from './symbol-paths.ts';

export type SymbolName = keyof typeof symbolPaths;

/** Symbols that point the reading way: `styles.ts` turns them on a page from right to left. */
const pointing: readonly SymbolName[] = ['back', 'chevronRight', 'reply', 'send'];

/** Draws one symbol at 20 px (or another size), in the text's colour. */
export function symbol(name: SymbolName, size = 20): TemplateResult {
  return svg`<svg class=${pointing.includes(name) ? 'points' : ''} width=${size} height=${size} viewBox="0 0 20 20" fill="currentColor" aria-hidden="true"><path d=${symbolPaths[name]}></path></svg>`;
}
