/**
 * The class behind `<presence-icon>`: attributes in, SVG out. It fetches nothing, knows no Office and no server;
 * whoever places it says what to show. Without an availability it shows unknown, never a guess. It is a file
 * of its own because a page of others (addins/embed) gives the name to a class that also knows addresses.
 *
 * Attributes: `availability`, `out-of-office`, `size` (10, 12, 16, 20, 24), `label` (what a screen reader
 * says; empty = decoration, because the text beside it says the same), `stale` (the state is not confirmed
 * at the moment: half transparent).
 */
import {
  availabilityNames,
  isAvailability,
  type PresenceGlyph,
  presenceGlyph,
  toIconSize,
} from './presence-glyph.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Fluent's names with their light values behind them, for pages that have no Fluent theme. */
const style = `
:host{display:inline-grid;flex:none;line-height:0;vertical-align:middle;border-radius:50%;
  --jb-available:var(--colorPaletteLightGreenForeground3,#13a10e);--jb-busy:var(--colorPaletteRedBackground3,#d13438);
  --jb-away:var(--colorPaletteMarigoldBackground3,#eaa300);--jb-offline:var(--colorNeutralForeground3,#616161);
  --jb-out:var(--colorPaletteBerryForeground3,#c239b3);--jb-unknown:var(--colorNeutralForeground3,#616161)}
:host([hidden]){display:none}
.picture{grid-area:1/1;transition:opacity 150ms linear}
:host([stale]) .picture{opacity:.5}
.available{color:var(--jb-available)}.busy{color:var(--jb-busy)}.away{color:var(--jb-away)}
.offline{color:var(--jb-offline)}.out{color:var(--jb-out)}.unknown{color:var(--jb-unknown)}
.in{animation:in 150ms linear}
.leaving{animation:in 150ms linear reverse forwards}
@keyframes in{from{opacity:0}}
@media (prefers-reduced-motion:reduce){.picture{transition:none}.in{animation:none}.leaving{display:none}}
@media (forced-colors:active){.picture{color:CanvasText}}
`;

let sheet: CSSStyleSheet | undefined;

export class PresenceIcon extends HTMLElement {
  static readonly observedAttributes = ['availability', 'out-of-office', 'size', 'label'];
  /** Names used where no label is given; a host replaces them with the reader's language. */
  static names: Record<keyof typeof availabilityNames, string> = availabilityNames;

  readonly #root: ShadowRoot;
  #shown = '';

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
    }
    this.#root.adoptedStyleSheets = [sheet];
  }

  connectedCallback(): void {
    this.#draw();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#draw();
  }

  #draw(): void {
    const given = this.getAttribute('availability');
    const availability = isAvailability(given) ? given : 'unknown';
    const outOfOffice = this.hasAttribute('out-of-office');
    const label = this.getAttribute('label') ?? PresenceIcon.names[availability];
    if (label === '') {
      this.removeAttribute('role');
      this.removeAttribute('aria-label');
      this.setAttribute('aria-hidden', 'true');
    } else {
      this.removeAttribute('aria-hidden');
      this.setAttribute('role', 'img');
      this.setAttribute('aria-label', label);
    }

    const size = toIconSize(this.getAttribute('size'));
    const key = `${availability} ${outOfOffice} ${size}`;
    if (key === this.#shown) return;
    const first = this.#shown === '';
    this.#shown = key;
    const next = toSvg(presenceGlyph(availability, outOfOffice, size), size);
    for (const old of [...this.#root.children]) {
      // Only the picture that was really visible fades; of quick successive changes the middle ones vanish.
      if (old.classList.contains('leaving')) old.remove();
      else {
        old.classList.remove('in');
        old.classList.add('leaving');
        // A timer instead of `animationend`, which never comes for what is not rendered.
        setTimeout(() => old.remove(), 200);
      }
    }
    if (!first) next.classList.add('in');
    this.#root.append(next);
  }
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function toSvg(glyph: PresenceGlyph, size: number): SVGElement {
  const svg = element('svg', {
    width: size,
    height: size,
    viewBox: `0 0 ${size} ${size}`,
    'aria-hidden': 'true',
  });
  svg.setAttribute('class', `picture ${glyph.colour}`);
  svg.setAttribute('fill', 'currentColor');
  const group = element('g', {});
  // Smaller and to the right, so that the tip has its place within the same square.
  if (glyph.shrunk) group.setAttribute('transform', `translate(${size * 0.2} ${size * 0.1}) scale(.8)`);
  for (const part of glyph.parts) {
    if (part.kind === 'tip') {
      // From the circle's upper and lower left flank to a point in the middle of the left edge.
      svg.append(
        element('path', {
          d: `M${size * 0.44} ${size * 0.13}L0 ${size / 2}L${size * 0.44} ${size * 0.87}L${size * 0.22} ${size / 2}Z`,
        }),
      );
    } else if (part.kind === 'dashed') {
      const width = Math.max(1.25, size / 9);
      group.append(
        element('circle', {
          cx: size / 2,
          cy: size / 2,
          r: size / 2 - width / 2,
          fill: 'none',
          stroke: 'currentColor',
          'stroke-width': width,
          // Eight dashes, each a little longer than its gap, whatever the size.
          pathLength: 80,
          'stroke-dasharray': '5.6 4.4',
        }),
      );
    } else if (part.half) {
      // A nested svg clips to its own view box: no clip-path ids needed.
      const left = part.half === 'left' ? 0 : size / 2;
      const half = element('svg', {
        x: left,
        width: size / 2,
        height: size,
        viewBox: `${left} 0 ${size / 2} ${size}`,
      });
      half.append(element('path', { d: part.path }));
      group.append(half);
    } else group.append(element('path', { d: part.path }));
  }
  svg.append(group);
  return svg;
}
