/**
 * Follows the item that is open in Outlook and says whom it concerns. The only file that knows Outlook's
 * object model. Outlook's events are not to be trusted alone (handlers die with their item, some builds stay
 * silent), so a cheap fingerprint is also compared while somebody looks; answers that come after the item has
 * changed are dropped.
 */
import { type Attention, documentAttention } from '../shared/office/attention.ts';
import {
  ask,
  isField,
  type OfficeApi,
  type OfficeItem,
  type OfficeMailbox,
  type OfficePerson,
  type OfficeRecipients,
  supports,
} from '../shared/office/host.ts';
import {
  type ItemPerson,
  type ItemState,
  type OpenItem,
  type PeopleSource,
  type PersonRole,
  unitePeople,
} from '../shared/people-source.ts';

import { followSelection } from './selection.ts';

/** Outlook on the web hands over this many recipients of a line until it is expanded. */
const collapsedRecipients = 20;
/** Often enough that nobody waits, seldom enough to cost nothing. */
const pollEveryMs = 2_000;
const contextLimits = { title: 500, itemId: 1_000, people: 250, address: 512 } as const;

const lines = {
  mail: { to: 'to', cc: 'cc', bcc: 'bcc' },
  appointment: { requiredAttendees: 'required', optionalAttendees: 'optional' },
} as const satisfies Partial<Record<OpenItem['kind'], Record<string, PersonRole>>>;

/** Begins to follow. `attention` is the document's own by default. */
export function createOutlookPeople(
  office: OfficeApi,
  attention: Attention = documentAttention(),
): PeopleSource {
  const mailbox = office.context.mailbox;
  const listeners = new Set<(state: ItemState) => void>();
  let state: ItemState = { state: 'waiting' };
  let shown = '';
  /** Counts items: a new mail that is being written has no id of its own. */
  let changes = 0;
  /** Counts readings: only the newest may speak. */
  let reading = 0;
  let isReading = false;
  let readAgain = false;
  let watched: OfficeItem | null = null;
  let identity = '';
  let isSelection = false;
  let closed = false;

  function tell(next: ItemState): void {
    const text = JSON.stringify(next);
    if (text === shown) return;
    shown = text;
    state = next;
    for (const listener of listeners) listener(next);
  }

  /** Handlers belong to one item and die with it (office-js #3498), so each item gets its own. */
  function watch(item: OfficeItem | null): void {
    if (item === watched) return;
    watched = item;
    if (item === null || !supports(office, 'recipientsChanged')) return;
    const { RecipientsChanged, AppointmentTimeChanged } = office.EventType;
    const events =
      item.itemType === 'appointment' ? [RecipientsChanged, AppointmentTimeChanged] : [RecipientsChanged];
    for (const event of events) {
      if (event === undefined) continue;
      try {
        item.addHandlerAsync?.(event, () => {
          if (watched === item) read();
        });
      } catch {
        // Read mode throws here in some builds; the comparison below does the work.
      }
    }
  }

  function read(): void {
    if (closed || isSelection) return;
    const item = itemOf(mailbox);
    const now = identify(item);
    if (now !== identity || item !== watched) {
      if (now !== identity) changes += 1;
      identity = now;
      watch(item);
      // What is still under way belongs to the item before.
      isReading = false;
    }
    if (isReading) {
      readAgain = true;
      return;
    }
    reading += 1;
    const mine = reading;
    if (item === null) {
      tell({ state: 'none' });
      return;
    }
    isReading = true;
    const settle = (open: OpenItem): void => {
      // The item may have changed without a word while we asked: then this answer is nobody's.
      if (closed || mine !== reading) return;
      isReading = false;
      if (identify(itemOf(mailbox)) === identity) tell({ state: 'open', item: open });
      else readAgain = true;
      if (readAgain) {
        readAgain = false;
        read();
      }
    };
    void describe(item, changes).then(settle, () => settle(unreadable(item)));
  }

  followSelection({
    office,
    describe: (item) => describe(item, 0),
    onChange(united) {
      if (closed) return;
      // While several are selected no single item is open, whatever the host says of the last one.
      const wasSelection = isSelection;
      isSelection = united !== undefined;
      if (united) tell({ state: 'open', item: united });
      else if (united === null) {
        reading += 1;
        tell({ state: 'waiting' });
      } else if (wasSelection) {
        identity = 'changed';
        read();
      }
    },
  });
  const itemChanged = office.EventType.ItemChanged;
  if (itemChanged !== undefined && supports(office, 'itemChanged')) {
    mailbox?.addHandlerAsync?.(itemChanged, () => {
      // Even when nothing tells the new item from the old one: two new mails look alike.
      identity = 'changed';
      read();
    });
  }
  const poll = setInterval(() => {
    if (attention.isVisible() && !isReading) read();
  }, pollEveryMs);
  const leave = attention.onReturn(read);
  read();

  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      clearInterval(poll);
      leave();
      listeners.clear();
    },
  };
}

/** Outlook throws while it changes from one item to the next; for that moment there is none. */
function itemOf(mailbox: OfficeMailbox | undefined): OfficeItem | null {
  try {
    return mailbox?.item ?? null;
  } catch {
    return null;
  }
}

/** An item whose properties may not be read, as some protected mails: open, and nothing known of it. */
function unreadable(item: OfficeItem): OpenItem {
  const kind = item.itemType === 'appointment' ? 'appointment' : 'mail';
  const unanswered: PersonRole[] = [kind === 'mail' ? 'from' : 'organiser', ...Object.values(lines[kind])];
  return {
    key: identify(item),
    kind,
    mode: 'read',
    title: '',
    people: [],
    isPartial: false,
    unanswered,
    context: null,
  };
}

/** What tells one item from another without asking the host. */
function identify(item: OfficeItem | null): string {
  if (item === null) return '';
  const mode = isField(item.subject) ? 'compose' : 'read';
  return [item.itemType, mode, item.itemId, item.conversationId, item.internetMessageId].join('\n');
}

async function describe(item: OfficeItem, change: number): Promise<OpenItem> {
  const kind = item.itemType === 'appointment' ? 'appointment' : 'mail';
  const mode = isField(item.subject) ? 'compose' : 'read';
  const unanswered: PersonRole[] = [];

  async function value<Value>(given: unknown, role: PersonRole | null, fallback: Value): Promise<Value> {
    if (!isField<Value>(given)) return (given as Value | undefined) ?? fallback;
    const asked = await ask(given);
    if (asked.ok) return asked.value ?? fallback;
    if (role !== null) unanswered.push(role);
    return fallback;
  }
  const one = async (given: unknown, role: PersonRole): Promise<ItemPerson[]> =>
    toPeople([await value<OfficePerson | null>(given, role, null)], role);
  const line = async (
    given: OfficeRecipients | undefined,
    role: PersonRole,
  ): Promise<readonly OfficePerson[]> => value<readonly OfficePerson[]>(given, role, []);

  const author = kind === 'appointment' ? one(item.organizer, 'organiser') : one(item.from, 'from');
  const [title, authors, senders, start, end, ...recipients] = await Promise.all([
    value(item.normalizedSubject ?? item.subject, null, ''),
    author,
    kind === 'mail' ? one(item.sender, 'sender') : [],
    value<Date | null>(item.start, null, null),
    value<Date | null>(item.end, null, null),
    ...Object.entries(lines[kind]).map(async ([field, role]) => ({
      role,
      people: await line(item[field as 'to'], role),
    })),
  ]);
  const people = unitePeople([
    ...authors,
    // Most mail is sent by its author; the sender is worth a word only when it is somebody else.
    ...senders.filter((sender) => sender.address.toLowerCase() !== authors[0]?.address.toLowerCase()),
    ...recipients.flatMap((each) => toPeople(each.people, each.role)),
  ]);
  const about = { kind, mode, item, title, start, people } as const;
  return {
    key: [identify(item), mode === 'compose' ? change : ''].join('\n'),
    kind,
    mode,
    title,
    people,
    isPartial: mode === 'read' && recipients.some((each) => each.people.length === collapsedRecipients),
    unanswered,
    ...(start !== null && end !== null && end > start
      ? { time: { startsAt: start.toISOString(), endsAt: end.toISOString() } }
      : {}),
    context: toContext(about),
  };
}

function toPeople(people: readonly (OfficePerson | null | undefined)[], role: PersonRole): ItemPerson[] {
  return people.flatMap((person) =>
    person ? [{ address: person.emailAddress ?? '', name: person.displayName ?? '', roles: [role] }] : [],
  );
}

interface About {
  readonly kind: OpenItem['kind'];
  readonly mode: OpenItem['mode'];
  readonly item: OfficeItem;
  readonly title: string;
  readonly start: Date | null;
  readonly people: readonly ItemPerson[];
}

/**
 * Names the item so that everybody who has it names it alike, else each would begin a conversation of their
 * own: Exchange's item id differs from mailbox to mailbox, the message id of a mail does not. An appointment
 * has no such id in Office.js; its organiser, start and subject stand for it.
 */
function toContext({ kind, mode, item, title, start, people }: About): OpenItem['context'] {
  const itemId = kind === 'appointment' ? appointmentId(item, title, start) : mailId(item, mode);
  if (itemId === null) return null;
  return {
    kind,
    title: title.slice(0, contextLimits.title),
    itemId: itemId.slice(0, contextLimits.itemId),
    people: people
      .filter((person) => person.address !== '' && person.address.length <= contextLimits.address)
      .slice(0, contextLimits.people)
      .map((person) => person.address),
  };
}

function mailId(item: OfficeItem, mode: OpenItem['mode']): string | null {
  if (mode === 'read') return item.internetMessageId ?? item.itemId ?? null;
  // An answer belongs to its thread; a new mail is nothing yet.
  return item.conversationId ? `thread:${item.conversationId}` : null;
}

function appointmentId(item: OfficeItem, title: string, start: Date | null): string | null {
  const organizer = isField(item.organizer) ? null : item.organizer?.emailAddress;
  if (!organizer || start === null) return null;
  return ['appointment', organizer.toLowerCase(), start.toISOString(), title].join(':');
}
