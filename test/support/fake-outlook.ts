/**
 * Outlook's object model in memory, over the playground's mailbox: passes the same suite as the real office.js
 * in the simulated host, and so may stand in for it where a test needs no browser.
 */
import type { Conditions } from '../../addins/playground/host/model.ts';
import type { Line, Mailbox, MailboxItem, Mailperson } from '../../addins/playground/outlook/mailbox.ts';
import type { OfficeApi, OfficeCallback, OfficeField, OfficeItem } from '../../addins/shared/office/host.ts';

type Observer = (event: unknown) => void;
const collapsed = 20;

/** Makes the fake. Every call goes through `conditions`, as in the simulated host. */
export function fakeOutlook(mailbox: Mailbox, conditions: Conditions): OfficeApi {
  const observers = new Map<string, Observer[]>();
  let itemObservers: Observer[] = [];

  function field<Value>(name: string, read: () => Value): OfficeField<Value> {
    return {
      getAsync(callback: OfficeCallback<Value>) {
        if (conditions.silent.has(name)) return;
        const failed = conditions.failing.has(name);
        setTimeout(() => {
          if (failed) callback({ status: 'failed', value: undefined as Value, error: { code: 9002 } });
          else callback({ status: 'succeeded', value: read() });
        }, conditions.delayMs);
      },
    };
  }

  const observable =
    (mine: () => Observer[]) => (_event: string, observer: Observer, done?: OfficeCallback<unknown>) => {
      mine().push(observer);
      done?.({ status: 'succeeded', value: undefined });
    };

  function toItem(item: MailboxItem | null): OfficeItem | null {
    if (item === null) return null;
    const now = (): MailboxItem => mailbox.items.find((one) => one.id === item.id) ?? item;
    const line = (name: Line) => field('recipients.get', () => (now()[name] ?? []).map(toPerson));
    const some = (people: readonly Mailperson[]) =>
      people.slice(0, mailbox.expanded ? 500 : collapsed).map(toPerson);
    const shared = {
      itemType: item.kind === 'mail' ? 'message' : 'appointment',
      conversationId: item.conversationId ?? null,
      addHandlerAsync: observable(() => itemObservers),
    };
    if (item.mode === 'compose') {
      const author = field('from.get', () => toPerson(item.from));
      const composed = { ...shared, subject: field('subject.get', () => now().subject) };
      return item.kind === 'mail'
        ? { ...composed, from: author, to: line('to'), cc: line('cc'), bcc: line('bcc') }
        : {
            ...composed,
            organizer: author,
            requiredAttendees: line('to'),
            optionalAttendees: line('cc'),
            start: field('time.get', () => item.at),
          };
    }
    const read = {
      ...shared,
      itemId: item.id,
      subject: item.subject,
      normalizedSubject: item.subject.replace(/^re: /i, ''),
    };
    if (item.kind === 'appointment') {
      const attendees = { requiredAttendees: some(item.to), optionalAttendees: some(item.cc) };
      return { ...read, ...attendees, organizer: toPerson(item.from), start: item.at };
    }
    const named = item.internetMessageId === undefined ? {} : { internetMessageId: item.internetMessageId };
    const people = { from: toPerson(item.from), sender: toPerson(item.sender ?? item.from) };
    return { ...read, ...named, ...people, to: some(item.to), cc: some(item.cc) };
  }

  let open = toItem(mailbox.open);
  mailbox.subscribe((change) => {
    if (change === 'open') {
      // An add-in that does not listen keeps the item it had, in office.js too.
      const listening = observers.get('olkItemSelectedChanged') ?? [];
      if (listening.length === 0) return;
      itemObservers = [];
      open = toItem(mailbox.open);
      for (const observer of listening) observer({});
    }
    if (change === 'to' || change === 'cc' || change === 'bcc')
      for (const observer of itemObservers) observer({});
  });

  return {
    onReady: async () => ({ host: 'Outlook', platform: 'OfficeOnline' }),
    EventType: {
      ItemChanged: 'olkItemSelectedChanged',
      RecipientsChanged: 'olkRecipientsChanged',
      OfficeThemeChanged: 'officeThemeChanged',
    },
    context: {
      displayLanguage: 'en-US',
      requirements: { isSetSupported: (name) => name === 'Mailbox' && !conditions.missing.has(name) },
      mailbox: {
        get item() {
          return open;
        },
        userProfile: { displayName: mailbox.user.name, emailAddress: mailbox.user.address },
        addHandlerAsync(event, observer, done) {
          observers.set(event, [...(observers.get(event) ?? []), observer]);
          done?.({ status: 'succeeded', value: undefined });
        },
      },
    },
  };
}

function toPerson(person: Mailperson) {
  return { emailAddress: person.address, displayName: person.name };
}
