/**
 * The `/icons` page: every state of `<presence-icon>` in every size and variant, so that anybody can judge
 * the set as a whole. Needs no server and no sign-in.
 */
import '../shared/icon/presence-icon.ts';
import { availabilities } from '../../server/protocol/vocabulary.ts';
import { t } from '../shared/i18n/i18n.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { iconSizes } from '../shared/icon/presence-glyph.ts';
import { installTheme, setTheme, type Theme } from '../shared/ui/theme.ts';

const style = `
main{max-width:880px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:var(--fontSizeBase600);line-height:var(--lineHeightBase600);margin:0 0 4px}
h2{font-size:var(--fontSizeBase400);line-height:var(--lineHeightBase400);margin:32px 0 8px}
p{margin:0 0 12px;color:var(--colorNeutralForeground2);max-width:64ch}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:10px 12px;text-align:center;border-bottom:1px solid var(--colorNeutralStroke2)}
thead th{font-weight:var(--fontWeightSemibold);color:var(--colorNeutralForeground2)}
thead th:first-child{text-align:start}
th[scope=row]{text-align:start;font-weight:var(--fontWeightRegular);white-space:nowrap}
fieldset{border:0;padding:0;margin:16px 0 0;display:flex;gap:16px;flex-wrap:wrap}
legend{float:inline-start;margin-inline-end:16px;color:var(--colorNeutralForeground2)}
label{display:flex;gap:6px;align-items:center}
.grey{filter:grayscale(1)}
`;

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  ...children: (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function icon(attributes: Record<string, string>): HTMLElement {
  const made = document.createElement('presence-icon');
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function table(caption: string, attributes: Record<string, string>): HTMLElement {
  const head = element('tr', element('th', t('icons.state')));
  head.firstElementChild?.setAttribute('scope', 'col');
  for (const size of iconSizes) {
    const cell = element('th', String(size));
    cell.scope = 'col';
    head.append(cell);
  }
  const rows = availabilities.map((availability) => {
    const name = element('th', t(`availability.${availability}`));
    name.scope = 'row';
    const cells = iconSizes.map((size) =>
      element(
        'td',
        icon({
          availability,
          size: String(size),
          label: `${t(`availability.${availability}`)}, ${size}`,
          ...attributes,
        }),
      ),
    );
    return element('tr', name, ...cells);
  });
  const scroller = element('div', element('table', element('thead', head), element('tbody', ...rows)));
  scroller.className = 'scroll';
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', caption);
  return element('section', element('h2', caption), scroller);
}

function themeChoice(): HTMLElement {
  const choice = element('fieldset', element('legend', t('icons.theme')));
  for (const theme of ['system', 'light', 'dark'] as const satisfies readonly Theme[]) {
    const radio = element('input');
    radio.type = 'radio';
    radio.name = 'theme';
    radio.checked = theme === 'system';
    radio.addEventListener('change', () => setTheme(theme));
    choice.append(element('label', radio, t(`icons.theme.${theme}`)));
  }
  const grey = element('input');
  grey.type = 'checkbox';
  grey.addEventListener('change', () =>
    document.querySelector('main')?.classList.toggle('grey', grey.checked),
  );
  choice.append(element('label', grey, t('icons.greyscale')));
  return choice;
}

await speakTo(navigator.languages);
document.title = `${t('icons.title')} · ${t('app.name')}`;
installTheme();
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets.push(sheet);
document.body.replaceChildren(
  element(
    'main',
    element('h1', t('icons.title')),
    element('p', t('icons.lead')),
    themeChoice(),
    table(t('icons.plain'), {}),
    table(t('icons.outOfOffice'), { 'out-of-office': '' }),
    table(t('icons.stale'), { stale: '' }),
  ),
);
