/** The mailbox of the tests around Outlook: one item of every form, and one with more people than Outlook hands over. */
import { createMailbox, type Mailbox, type MailboxItem } from '../../addins/playground/outlook/mailbox.ts';

const person = (name: string) => ({ name, address: `${name.toLowerCase()}@contoso.example` });

const item = (id: string, more: Partial<MailboxItem>): MailboxItem => ({
  id,
  kind: 'mail',
  mode: 'read',
  subject: `Re: ${id}`,
  from: person('Bob'),
  to: [person('Alice')],
  cc: [],
  conversationId: `conversation of ${id}`,
  internetMessageId: `<${id}@contoso.example>`,
  at: new Date('2026-11-02T12:00:00Z'),
  text: '',
  ...more,
});

/** Makes alice's mailbox; nothing is open. */
export function demoMailbox(): Mailbox {
  const crowd = Array.from({ length: 32 }, (_, index) => person(`Person${index + 1}`));
  return createMailbox(person('Alice'), [
    item('budget', {
      cc: [person('Carol'), { name: 'bob@contoso.example', address: 'BOB@contoso.example' }],
    }),
    item('assistant', { sender: person('Dave'), to: crowd }),
    item('draft', { mode: 'compose', from: person('Alice'), to: [], bcc: [person('Erin')] }),
    item('meeting', {
      kind: 'appointment',
      to: [{ ...person('Alice'), response: 'accepted' }],
      cc: [person('Carol')],
      until: new Date('2026-11-02T13:00:00Z'),
      location: 'Room 4',
    }),
    item('invitation', { kind: 'appointment', mode: 'compose', from: person('Alice'), to: [person('Bob')] }),
  ]);
}
