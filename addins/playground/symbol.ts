/** One of Fluent's symbols in the colour of the text beside it, for the playground's buttons. */
import { html, svg, type TemplateResult } from 'lit';
import { symbolPaths } from '../shared/ui/symbol-paths.ts';

export function symbol(name: keyof typeof symbolPaths, size = 20): TemplateResult {
  return html`<svg width=${size} height=${size} viewBox="0 0 20 20" fill="currentColor" aria-hidden="true">
    ${svg`<path d=${symbolPaths[name]} />`}
  </svg>`;
}
