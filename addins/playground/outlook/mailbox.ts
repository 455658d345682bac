/**
 * The mailbox that is played: items, the open one, recipients being typed, messages on the item, settings,
 * theme. What Outlook itself would know; how office.js asks for it is `host.ts`.
 */

export interface Mailbox {
  readonly user: { readonly name: string; readonly address: string };
  readonly items: readonly MailboxItem[];
  readonly open: MailboxItem | null;
  readonly theme: ThemeName;
  /** Outlook on the web hands over 20 recipients of a line until the reader expands it. */
  readonly expanded: boolean;
  /** Messages that the add-in put on the open item, by key. */
  readonly notifications: ReadonlyMap<string, ItemNotification>;
  readonly settings: Readonly<Record<string, string>>;
  add(item: MailboxItem): void;
  openItem(id: string | null): void;
  setTime(at: Date, until: Date): void;
  setRecipients(line: Line, people: readonly Mailperson[]): void;
  setTheme(theme: ThemeName): void;
  setExpanded(expanded: boolean): void;
  notify(key: string, notification: ItemNotification | null): void;
  saveSettings(settings: Readonly<Record<string, string>>): void;
  subscribe(listener: (change: MailboxChange) => void): () => void;
}

export type MailboxChange = 'items' | 'time' | 'open' | 'theme' | 'notifications' | 'settings' | Line;
export type Line = 'to' | 'cc' | 'bcc';
export const themes = ['light', 'dark', 'contrast'] as const;
export type ThemeName = (typeof themes)[number];

export interface Mailperson {
  readonly name: string;
  readonly address: string;
  readonly type?: 'user' | 'external' | 'list' | 'other';
  readonly response?: 'organiser' | 'tentative' | 'accepted' | 'declined';
}

export interface ItemNotification {
  readonly type: 'progress' | 'information' | 'error' | 'insight';
  readonly message: string;
  readonly action?: string;
}

export interface MailboxItem {
  readonly id: string;
  readonly kind: 'mail' | 'appointment';
  readonly mode: 'read' | 'compose';
  readonly subject: string;
  /** Author; for an appointment the organiser. */
  readonly from: Mailperson;
  /** Who sent it on the author's behalf. */
  readonly sender?: Mailperson;
  readonly to: readonly Mailperson[];
  readonly cc: readonly Mailperson[];
  readonly bcc?: readonly Mailperson[];
  readonly conversationId?: string;
  readonly internetMessageId?: string;
  readonly at: Date;
  readonly until?: Date;
  readonly location?: string;
  readonly text: string;
}

/** Creates a mailbox. Nothing is open. */
export function createMailbox(user: Mailbox['user'], items: readonly MailboxItem[]): Mailbox {
  let all = [...items];
  let openId: string | null = null;
  let theme: ThemeName = 'light';
  let expanded = false;
  let notifications = new Map<string, ItemNotification>();
  let settings: Record<string, string> = {};
  const listeners = new Set<(change: MailboxChange) => void>();
  const tell = (change: MailboxChange): void => {
    for (const listener of listeners) listener(change);
  };

  return {
    user,
    get items() {
      return all;
    },
    get open() {
      return all.find((item) => item.id === openId) ?? null;
    },
    get theme() {
      return theme;
    },
    get expanded() {
      return expanded;
    },
    get notifications() {
      return notifications;
    },
    get settings() {
      return settings;
    },
    add(item) {
      all = [item, ...all.filter((other) => other.id !== item.id)];
      tell('items');
    },
    openItem(id) {
      if (id === openId) return;
      openId = id;
      expanded = false;
      // Messages belong to an item and go with it, as in Outlook.
      notifications = new Map();
      tell('open');
    },
    setRecipients(line, people) {
      all = all.map((item) => (item.id === openId ? { ...item, [line]: people } : item));
      tell(line);
    },
    setTime(at, until) {
      all = all.map((item) => (item.id === openId ? { ...item, at, until } : item));
      tell('time');
    },
    setTheme(name) {
      theme = name;
      tell('theme');
    },
    setExpanded(value) {
      expanded = value;
      tell('open');
    },
    notify(key, notification) {
      notifications = new Map(notifications);
      if (notification === null) notifications.delete(key);
      else notifications.set(key, notification);
      tell('notifications');
    },
    saveSettings(value) {
      settings = { ...value };
      tell('settings');
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
