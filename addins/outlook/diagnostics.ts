/**
 * What this Outlook can do, for whoever asks why something is not there: opened as the pane's page by hand, or
 * in the playground. Asks the host the same questions by the same table as the pane itself.
 */
import { html, render } from 'lit';
import { t } from '../shared/i18n/i18n.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { type Feature, followTheme, requirements, startOffice, supports } from '../shared/office/host.ts';
import { installTheme, setTheme } from '../shared/ui/theme.ts';
import { w } from './words.ts';

const style = new CSSStyleSheet();
style.replaceSync(`
  main { padding: 12px 16px; }
  h1 { font-size: var(--fontSizeBase400); margin: 0 0 8px; }
  table { border-collapse: collapse; width: 100%; }
  a { color: var(--colorBrandForegroundLink); }
  th, td { border-bottom: 1px solid var(--colorNeutralStroke2); overflow-wrap: anywhere; padding: 4px 8px 4px 0; text-align: start; vertical-align: top; }
`);

installTheme();
document.adoptedStyleSheets.push(style);
const [started] = await Promise.all([startOffice(), speakTo(navigator.languages)]);

if (started.kind !== 'host') {
  render(
    html`<main class="notice"><h1>${w('diagnostics.title')}</h1><p>${w('diagnostics.none')}</p></main>`,
    document.body,
  );
} else {
  const { office } = started;
  followTheme(office, setTheme);
  await speakTo([office.context.displayLanguage ?? '', ...navigator.languages]);
  const { diagnostics } = office.context as {
    diagnostics?: { host?: unknown; platform?: unknown; version?: unknown };
  };
  const known = (value: unknown): string =>
    value === undefined || value === null || value === '' ? w('diagnostics.unknown') : String(value);
  const about: [Parameters<typeof w>[0], string][] = [
    ['diagnostics.host', known(diagnostics?.host)],
    ['diagnostics.platform', known(diagnostics?.platform)],
    ['diagnostics.version', known(diagnostics?.version)],
    ['diagnostics.language', known(office.context.displayLanguage)],
  ];
  render(
    html`<main>
      <p><a href="/addins/outlook/pane.html">${t('action.back')}</a></p>
      <h1>${w('diagnostics.title')}</h1>
      <table>
        <tbody>
          ${about.map(([label, value]) => html`<tr><th scope="row">${w(label)}</th><td>${value}</td></tr>`)}
        </tbody>
      </table>
      <table>
        <thead>
          <tr><th scope="col">${w('diagnostics.feature')}</th><th scope="col">${w('diagnostics.needs')}</th><td></td></tr>
        </thead>
        <tbody>
          ${(Object.keys(requirements) as Feature[]).map(
            (feature) => html`<tr data-feature=${feature}>
              <th scope="row"><code>${feature}</code></th>
              <td>${requirements[feature].join(' ')}</td>
              <td>${w(supports(office, feature) ? 'diagnostics.yes' : 'diagnostics.no')}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </main>`,
    document.body,
  );
}
