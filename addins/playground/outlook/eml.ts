/** Turns a mail file that somebody dropped into an item of the mailbox. Nothing of it leaves the page. */
import PostalMime, { type Address } from 'postal-mime';
import type { MailboxItem, Mailperson } from './mailbox.ts';

/** Larger files are films with a covering letter. */
const largestBytes = 50 * 1024 * 1024;
const textCharacters = 20_000;

/** Reads the file. Rejects with `no-people` where nobody is named, for it is no mail then. */
export async function readMail(file: File): Promise<MailboxItem> {
  if (file.size > largestBytes) throw new Error('too-large');
  const mail = await PostalMime.parse(await file.arrayBuffer());
  const [author] = toPeople(mail.from ? [mail.from] : []);
  const [sender] = toPeople(mail.sender ? [mail.sender] : []);
  const to = toPeople(mail.to ?? []);
  const cc = toPeople(mail.cc ?? []);
  if (author === undefined && to.length + cc.length === 0) throw new Error('no-people');
  const at = mail.date === undefined ? Number.NaN : Date.parse(mail.date);
  const id = mail.messageId ?? `${file.name}-${file.size}`;
  return {
    id: `dropped-${id}`,
    kind: 'mail',
    mode: 'read',
    subject: mail.subject ?? '',
    from: author ?? { name: '', address: '' },
    ...(sender === undefined ? {} : { sender }),
    to,
    cc,
    bcc: toPeople(mail.bcc ?? []),
    ...(mail.messageId === undefined ? {} : { internetMessageId: mail.messageId }),
    conversationId: mail.references?.split(/\s+/)[0] ?? id,
    at: Number.isNaN(at) ? new Date(file.lastModified) : new Date(at),
    text: (mail.text ?? plain(mail.html ?? '')).slice(0, textCharacters),
  };
}

/** A group (`Team: a@x, b@x;`) stands for its members. */
function toPeople(addresses: readonly Address[]): Mailperson[] {
  return addresses.flatMap((one) =>
    'group' in one && one.group
      ? toPeople(one.group)
      : [{ name: one.name || (one.address ?? ''), address: one.address ?? '' }],
  );
}

/** The words of an HTML mail. Parsed into a document that runs no script and fetches nothing. */
function plain(html: string): string {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  for (const unseen of parsed.querySelectorAll('style, script, title')) unseen.remove();
  for (const block of parsed.querySelectorAll('p, div, br, tr, li, h1, h2, h3')) block.append('\n');
  return (parsed.body.textContent ?? '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\s*\n\s*\n\s*/g, '\n\n')
    .trim();
}
