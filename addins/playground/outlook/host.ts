/**
 * Outlook on the web as office.js knows it: the item that is open, the numbered calls, the events. The numbers
 * are office.js' own dispatch ids; a call that is not in the table is refused, as Outlook refuses what it lacks.
 */
import type { Emit, HostModel } from '../host/model.ts';
import type { ItemNotification, Line, Mailbox, MailboxItem, Mailperson, ThemeName } from './mailbox.ts';

/** What the newest Outlook on the web offers; the playground and tests take sets away from it. */
const requirementSets = { Mailbox: '1.14', AddinCommands: '1.3', DialogApi: '1.2', DialogOrigin: '1.1' };

const itemTypes = { mail: { read: 1, compose: 4 }, appointment: { read: 2, compose: 5 } } as const;
const recipientTypes = { other: 0, list: 1, user: 2, external: 3 } as const;
const responses = { organiser: 1, tentative: 2, accepted: 3, declined: 4 } as const;
const lines: readonly Line[] = ['to', 'cc', 'bcc'];
/** Recipients of a line that Outlook on the web hands over while the line is collapsed, and at most. */
const collapsedRecipients = 20;
const expandedRecipients = 500;
const notificationsPerItem = 5;
/** The codes with which Outlook refuses; office.js turns them into names and sentences. */
const errors = {
  invalidCall: 9002,
  duplicateKey: 9023,
  unknownKey: 9024,
  tooManyNotifications: 9025,
} as const;

const events = {
  item: 'olkItemSelectedChanged',
  recipients: 'olkRecipientsChanged',
  time: 'olkAppointmentTimeChanged',
  theme: 'officeThemeChanged',
} as const;

/** Office's own four colours in each theme; contrast is Windows' "Night sky". */
const palettes: Record<
  ThemeName,
  readonly [body: number, text: number, control: number, controlText: number]
> = {
  light: [0xffffff, 0x242424, 0xf5f5f5, 0x242424],
  dark: [0x1f1f1f, 0xffffff, 0x292929, 0xffffff],
  contrast: [0x000000, 0xffffff, 0x000000, 0xffff00],
};

interface Call {
  readonly name: string;
  answer(parameters: Record<string, unknown>): unknown;
}

/** What the playground must do for the add-in outside the mailbox. */
export interface OutlookShell {
  /** `displayNewMessageForm`, `displayNewAppointmentForm`. */
  compose(kind: 'mail' | 'appointment', people: readonly string[], subject: string): void;
  /** `displayMessageForm` and the like. */
  show(itemId: string): void;
}

/** Makes Outlook out of a mailbox. */
export function createOutlookHost(mailbox: Mailbox, shell: OutlookShell): HostModel {
  const emits = new Set<Emit>();
  const emit: Emit = (event, data) => {
    for (const one of emits) one(event, data);
  };

  const calls: Record<number, Call> = {
    7: { name: 'form.newAppointment', answer: (parameters) => compose('appointment', parameters) },
    8: { name: 'form.message', answer: (parameters) => shell.show(String(parameters.itemId)) },
    9: { name: 'form.appointment', answer: (parameters) => shell.show(String(parameters.itemId)) },
    13: { name: 'body.insert', answer: () => undefined },
    15: { name: 'recipients.get', answer: (parameters) => recipients(Number(parameters.recipientField)) },
    18: { name: 'subject.get', answer: () => mailbox.open?.subject ?? '' },
    24: { name: 'time.get', answer: (parameters) => time(Number(parameters.TimeProperty)) },
    26: { name: 'location.get', answer: () => mailbox.open?.location ?? '' },
    33: { name: 'notification.add', answer: (parameters) => notification(parameters, false) },
    34: { name: 'notification.list', answer: () => [...mailbox.notifications].map(toNotificationDetails) },
    35: { name: 'notification.replace', answer: (parameters) => notification(parameters, true) },
    36: { name: 'notification.remove', answer: (parameters) => removeNotification(parameters) },
    44: { name: 'form.newMessage', answer: (parameters) => compose('mail', parameters) },
    107: { name: 'from.get', answer: () => (mailbox.open ? toEmailAddress(mailbox.open.from) : null) },
    178: { name: 'form.newMessage', answer: (parameters) => compose('mail', parameters) },
    404: { name: 'settings.save', answer: (parameters) => saveSettings(parameters) },
  };

  function recipients(field: number): unknown {
    const people = mailbox.open?.[lines[field] ?? 'to'] ?? [];
    return people.map(toEmailAddress);
  }

  function time(property: number): unknown {
    const item = mailbox.open;
    return (property === 1 ? item?.at : item?.until)?.getTime() ?? null;
  }

  function notification(parameters: Record<string, unknown>, replace: boolean): unknown {
    const key = String(parameters.key);
    const exists = mailbox.notifications.has(key);
    // Replacing what is not there adds it, as Outlook's reference says.
    if (!replace && exists) return fail(errors.duplicateKey);
    if (!exists && mailbox.notifications.size >= notificationsPerItem)
      return fail(errors.tooManyNotifications);
    mailbox.notify(key, toNotification(parameters));
    return undefined;
  }

  function removeNotification(parameters: Record<string, unknown>): unknown {
    const key = String(parameters.key);
    if (!mailbox.notifications.has(key)) return fail(errors.unknownKey);
    mailbox.notify(key, null);
    return undefined;
  }

  function compose(kind: 'mail' | 'appointment', parameters: Record<string, unknown>): void {
    const people = [parameters.toRecipients, parameters.requiredAttendees].flat().filter(isText);
    shell.compose(kind, people, String(parameters.subject ?? ''));
  }

  function saveSettings(parameters: Record<string, unknown>): void {
    const settings = (Array.isArray(parameters) ? parameters[0] : parameters) as Record<string, string>;
    mailbox.saveSettings(settings);
  }

  /** What office.js calls initial data: the open item as far as synchronous properties show it. */
  function initialData(): unknown {
    const item = mailbox.open;
    return {
      permissionLevel: 3,
      hostVersion: '16.0.0.0',
      owaView: 'ThreeColumns',
      userProfileType: 'enterprise',
      userDisplayName: mailbox.user.name,
      userEmailAddress: mailbox.user.address,
      userTimeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      timeZoneOffsets: [],
      itemType: 6,
      ...(item === null ? {} : toItemData(item, mailbox.expanded ? expandedRecipients : collapsedRecipients)),
    };
  }

  mailbox.subscribe((change) => {
    if (change === 'open') emit(events.item, mailbox.open === null ? null : initialData());
    if (change === 'time' && mailbox.open !== null)
      emit(events.time, [JSON.stringify({ start: mailbox.open.at, end: mailbox.open.until })]);
    if (change === 'theme') emit(events.theme, toThemeData(mailbox.theme));
    if (change === 'to' || change === 'cc' || change === 'bcc') {
      emit(events.recipients, [JSON.stringify(toChangedFields(mailbox.open, change))]);
    }
  });

  return {
    application: { name: 'Outlook', number: 64, fileVersion: '16.01' },
    requirementSets: () => requirementSets,
    appContext: () => ({ _settings: mailbox.settings }),
    nameOf(action, data) {
      if (action === 'GetInitialData') return 'item.open';
      return calls[dispatchIdOf(data)]?.name ?? `${action}.${dispatchIdOf(data)}`;
    },
    answer(action, data) {
      if (action === 'GetInitialData') return initialData();
      const call = calls[dispatchIdOf(data)];
      if (action !== 'ExecuteMethod' || call === undefined) return fail(errors.invalidCall);
      const answer = call.answer((data as { ApiParams?: Record<string, unknown> }).ApiParams ?? {});
      return isFailure(answer)
        ? answer
        : { wasSuccessful: true, error: false, errorCode: 0, data: answer ?? null };
    },
    refusal: () => fail(errors.invalidCall),
    registered(event) {
      // This office.js build knows the theme on the web by its event alone, so whoever listens is told at once.
      if (event === events.theme) emit(events.theme, toThemeData(mailbox.theme));
    },
    connect(one) {
      emits.add(one);
      return () => emits.delete(one);
    },
  };
}

interface Failure {
  readonly wasSuccessful: false;
  readonly error: true;
  readonly errorCode: number;
}

function fail(errorCode: number): Failure {
  return { wasSuccessful: false, error: true, errorCode };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'wasSuccessful' in value;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function dispatchIdOf(data: unknown): number {
  return (data as { MethodData?: { DispatchId?: number } } | null)?.MethodData?.DispatchId ?? -1;
}

function toEmailAddress(person: Mailperson): Record<string, unknown> {
  return {
    name: person.name,
    address: person.address,
    recipientType: recipientTypes[person.type ?? 'user'],
    ...(person.response === undefined ? {} : { appointmentResponse: responses[person.response] }),
  };
}

function toItemData(item: MailboxItem, recipients: number): Record<string, unknown> {
  const appointment = item.kind === 'appointment';
  const read = item.mode === 'read';
  return {
    itemType: itemTypes[item.kind][item.mode],
    itemClass: appointment ? 'IPM.Appointment' : 'IPM.Note',
    // A new item has no id until it is saved.
    ...(read ? { id: item.id, subject: item.subject, normalizedSubject: withoutPrefix(item.subject) } : {}),
    conversationId: item.conversationId ?? null,
    internetMessageId: item.internetMessageId ?? null,
    dateTimeCreated: item.at.getTime(),
    dateTimeModified: item.at.getTime(),
    attachments: [],
    ...(appointment && read
      ? {
          organizer: toEmailAddress(item.from),
          start: item.at.getTime(),
          end: (item.until ?? item.at).getTime(),
          location: item.location ?? '',
        }
      : {}),
    ...(read
      ? {
          from: toEmailAddress(item.from),
          sender: toEmailAddress(item.sender ?? item.from),
          to: item.to.slice(0, recipients).map(toEmailAddress),
          cc: item.cc.slice(0, recipients).map(toEmailAddress),
        }
      : {}),
  };
}

function toChangedFields(item: MailboxItem | null, line: Line): Record<string, boolean> {
  if (item?.kind !== 'appointment') return { to: line === 'to', cc: line === 'cc', bcc: line === 'bcc' };
  return { requiredAttendees: line === 'to', optionalAttendees: line === 'cc', resources: false };
}

function toNotification(parameters: Record<string, unknown>): ItemNotification {
  const types = { 0: 'information', 1: 'progress', 2: 'error', 3: 'insight' } as const;
  const type = types[parameters.type as keyof typeof types] ?? 'information';
  const action = (parameters.actions as { actionText?: string }[] | undefined)?.[0]?.actionText;
  return { type, message: String(parameters.message), ...(action === undefined ? {} : { action }) };
}

function toNotificationDetails([key, notification]: [string, ItemNotification]): Record<string, unknown> {
  const names = {
    progress: 'progressIndicator',
    information: 'informationalMessage',
    error: 'errorMessage',
    insight: 'insightMessage',
  } as const;
  return { key, type: names[notification.type], message: notification.message };
}

function toThemeData(theme: ThemeName): string[] {
  const [body, text, control, controlText] = palettes[theme];
  return [
    JSON.stringify({
      bodyBackgroundColor: body,
      bodyForegroundColor: text,
      controlBackgroundColor: control,
      controlForegroundColor: controlText,
    }),
  ];
}

/** Outlook strips what mail programs put in front of a subject when they reply or forward. */
function withoutPrefix(subject: string): string {
  return subject.replace(/^((re|fw|fwd|aw|wg)\s*:\s*)+/i, '');
}
