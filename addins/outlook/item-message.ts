/** The message on the item that somebody wrote about it: one, however many came, until it has been seen. */
import { type OfficeApi, type OfficeItem, supports } from '../shared/office/host.ts';
import type { ItemMessage } from '../shared/ui/item-pane.ts';
import { plainText } from '../shared/ui/markdown.ts';
import { w } from './words.ts';

await w.load();

const key = 'jellybeanMessage';
/** Outlook's own limit. */
const characters = 150;

/** The item that carries the message: Outlook drops messages with their item, and so is the count. */
let shownOn: OfficeItem | null = null;
let count = 0;

/** Puts the message on the open item, or takes it away with null. What the host refuses is not insisted on. */
export function tellOnItem(office: OfficeApi, message: ItemMessage | null): void {
  const item = office.context.mailbox?.item ?? null;
  if (item?.notificationMessages === undefined || !supports(office, 'notifications')) return;
  if (message === null) {
    count = 0;
    if (shownOn === item) item.notificationMessages.removeAsync(key);
    shownOn = null;
    return;
  }
  count = shownOn === item ? count + 1 : 1;
  shownOn = item;
  item.notificationMessages.replaceAsync(key, {
    type: 'informationalMessage',
    message: messageText(message, count),
    // A picture of the manifest, by its resid.
    icon: 'icon16',
    persistent: false,
  });
}

/** Writes the sentence within Outlook's limit; a text that is cut says so. */
export function messageText({ name, text }: ItemMessage, howMany: number): string {
  if (howMany > 1) return cut(w('message.several', { name, count: howMany }), characters);
  const room = characters - w('message.one', { name, text: '' }).length;
  return cut(w('message.one', { name, text: cut(plainText(text), Math.max(20, room)) }), characters);
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
