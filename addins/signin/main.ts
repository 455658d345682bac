/**
 * The page of the sign-in dialog. It is opened with the pane's challenge and goes on to the identity provider;
 * it is come back to with a one-time code, which it hands to the pane, or to the page of another origin that
 * opened it as a window: the server has checked that origin before anybody signed in. It never holds a token.
 */
import { html, render } from 'lit';
import { arrivalIn } from '../shared/client/sign-in.ts';
import { t } from '../shared/i18n/i18n.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { startOffice } from '../shared/office/host.ts';
import { tellPane } from '../shared/office/sign-in.ts';
import type { WindowMessage } from '../shared/page/window-sign-in.ts';
import { installTheme } from '../shared/ui/theme.ts';

const query = new URLSearchParams(location.search);
const challenge = query.get('challenge');
const asker = query.get('for');
const arrival = arrivalIn(location.hash);

if (arrival === null && challenge !== null)
  location.replace(`/signin/start?${new URLSearchParams({ challenge, return: '/signin' })}`);
else {
  if (arrival !== null) History.prototype.replaceState.call(history, null, '', location.pathname);
  installTheme();
  await speakTo(navigator.languages);
  const draw = (text: string, isFailure: boolean) =>
    render(
      html`<main class="notice">
        <h1>${t('signin.title')}</h1>
        <p role=${isFailure ? 'alert' : 'status'}>${text}</p>
        ${isFailure ? html`<p><a class="button primary" href="/">${t('pane.openWeb')}</a></p>` : ''}
      </main>`,
      document.body,
    );
  const opener = window.opener as Window | null;
  const isAsked = arrival !== null && asker !== null && opener !== null;
  const started = arrival === null || isAsked ? null : await startOffice();
  if (isAsked) {
    const message: WindowMessage = { type: 'jellybean.code', ...arrival };
    // To the page that asked and to no other: the browser drops it where the opener is elsewhere.
    opener.postMessage(message, asker);
    draw(t('signin.done'), false);
    close();
  } else if (arrival !== null && started?.kind === 'host') {
    draw(t('signin.done'), false);
    tellPane(started.office, arrival);
  } else draw(t('signin.ended'), true);
}
