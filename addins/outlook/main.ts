/** The Outlook pane: the shared pane with Outlook's people and Outlook's form for a new mail. */
import { html, nothing } from 'lit';
import { t } from '../shared/i18n/i18n.ts';
import { supports } from '../shared/office/host.ts';
import { startPane } from '../shared/office/start-pane.ts';
import { createOutlookPeople } from './people.ts';

await startPane({
  name: 'outlook',
  createPeople: createOutlookPeople,
  actions: (office) => ({
    writeMail(address) {
      const { mailbox } = office.context;
      // While a mail is being written Outlook has no such form.
      if (!mailbox?.displayNewMessageForm || !supports(office, 'newMessage')) return false;
      mailbox.displayNewMessageForm({ toRecipients: [address] });
      return true;
    },
    tellMessage(message) {
      // The first message is worth the wait; a mail that nobody writes about never fetches this.
      void import('./item-message.ts').then(({ tellOnItem }) => tellOnItem(office, message));
    },
    more(item, rows, client) {
      if (item.time === undefined) return nothing;
      // Few items are appointments; what looks at calendars is fetched with the first.
      void import('./meeting-times.ts');
      return html`<jb-meeting-times .api=${client.api} .time=${item.time} .rows=${rows}></jb-meeting-times>`;
    },
    foot: () =>
      html`<p class="hint"><a class="link quiet" href="/addins/outlook/diagnostics.html">${t('pane.diagnostics')}</a></p>`,
  }),
});
