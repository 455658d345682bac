/**
 * The slice of Office.js that Jellybean uses, as interfaces that the real library and the tests' in-memory
 * fake both fulfil, and the one table of what needs which requirement set. Nobody else names `Office`.
 */

export interface OfficeApi {
  onReady(): Promise<{ readonly host: string | null; readonly platform: string | null }>;
  readonly context: OfficeContext;
  readonly EventType: Readonly<Record<string, string>>;
}

export interface OfficeContext {
  readonly displayLanguage?: string;
  /** Keeps storage of several mailboxes of one browser apart; absent in older hosts. */
  readonly partitionKey?: string;
  readonly officeTheme?: OfficeTheme;
  readonly requirements: { isSetSupported(name: string, version?: string): boolean };
  readonly mailbox?: OfficeMailbox;
  /** In Word and Excel. */
  readonly document?: OfficeDocument;
  readonly ui?: {
    displayDialogAsync(
      url: string,
      options: { readonly height: number; readonly width: number; readonly promptBeforeOpen?: boolean },
      callback: OfficeCallback<OfficeDialog>,
    ): void;
    messageParent(message: string, options?: { readonly targetOrigin: string }): void;
  };
}

export interface OfficeDocument {
  /** Where the document is kept, or its path on this machine, or empty while it has neither. */
  readonly url: string | null;
  addHandlerAsync(event: string, handler: () => void): void;
  removeHandlerAsync?(event: string, options: { readonly handler: () => void }): void;
}

/** A window that the host opened for us; the events are Office's own names. */
export interface OfficeDialog {
  addEventHandler(
    event: 'dialogMessageReceived' | 'dialogEventReceived',
    handler: (event: { readonly message?: string; readonly origin?: string }) => void,
  ): void;
  close(): void;
}

export interface OfficeTheme {
  readonly bodyBackgroundColor?: string;
  readonly bodyForegroundColor?: string;
}

export interface OfficeResult<Value> {
  readonly status: string;
  readonly value: Value;
  readonly error?: { readonly code: number };
}
export type OfficeCallback<Value> = (result: OfficeResult<Value>) => void;

/** A value that must be asked for, as in compose mode. */
export interface OfficeField<Value> {
  getAsync(callback: OfficeCallback<Value>): void;
}

export interface OfficePerson {
  readonly emailAddress: string;
  readonly displayName: string;
}

interface Observable {
  addHandlerAsync?(
    event: string,
    handler: (event: unknown) => void,
    callback?: OfficeCallback<unknown>,
  ): void;
}

export interface OfficeMailbox extends Observable {
  readonly item?: OfficeItem | null;
  readonly userProfile: { readonly displayName: string; readonly emailAddress: string };
  getSelectedItemsAsync?(callback: OfficeCallback<readonly { readonly itemId: string }[]>): void;
  loadItemByIdAsync?(itemId: string, callback: OfficeCallback<OfficeItem>): void;
  /** On Exchange Server: a token that says which mailbox this is, signed by the server. */
  getUserIdentityTokenAsync?(callback: OfficeCallback<string>): void;
  displayNewMessageForm?(form: { toRecipients?: string[]; subject?: string }): void;
}

/** An item in any of its four forms: a value while reading, a field while composing. */
export interface OfficeItem extends Observable {
  readonly itemType: string;
  readonly itemId?: string;
  readonly internetMessageId?: string;
  readonly conversationId?: string | null;
  readonly normalizedSubject?: string;
  readonly subject?: string | OfficeField<string>;
  readonly from?: OfficePerson | OfficeField<OfficePerson | null>;
  readonly sender?: OfficePerson;
  readonly to?: OfficeRecipients;
  readonly cc?: OfficeRecipients;
  readonly bcc?: OfficeRecipients;
  readonly organizer?: OfficePerson | OfficeField<OfficePerson | null>;
  readonly requiredAttendees?: OfficeRecipients;
  readonly optionalAttendees?: OfficeRecipients;
  readonly start?: Date | OfficeField<Date>;
  readonly end?: Date | OfficeField<Date>;
  readonly notificationMessages?: OfficeNotifications;
  /** Gives back an item that `loadItemByIdAsync` handed over. */
  unloadAsync?(callback: OfficeCallback<unknown>): void;
}
/** Messages that Outlook shows above an item: 150 characters, five per item. */
export interface OfficeNotifications {
  replaceAsync(key: string, details: object, callback?: OfficeCallback<unknown>): void;
  removeAsync(key: string, callback?: OfficeCallback<unknown>): void;
}

export type OfficeRecipients = readonly OfficePerson[] | OfficeField<readonly OfficePerson[]>;

/** What needs which requirement set. Minimum of the manifest is Mailbox 1.5; the rest is tested at run time. */
export const requirements = {
  itemChanged: ['Mailbox', '1.5'],
  recipientsChanged: ['Mailbox', '1.7'],
  composeFrom: ['Mailbox', '1.7'],
  newMessage: ['Mailbox', '1.6'],
  notifications: ['Mailbox', '1.3'],
  timeChanged: ['Mailbox', '1.7'],
  insights: ['Mailbox', '1.10'],
  eventCode: ['Mailbox', '1.11'],
  multiSelect: ['Mailbox', '1.13'],
  themeChanged: ['Mailbox', '1.14'],
  loadItem: ['Mailbox', '1.15'],
  nestedAppAuth: ['NestedAppAuth', '1.1'],
  dialogOrigin: ['DialogOrigin', '1.1'],
  wordComments: ['WordApi', '1.4'],
  trackedChanges: ['WordApi', '1.6'],
  // Windows from 2508, Mac from 16.100.4.
  coauthors: ['WordApiDesktop', '1.4'],
  excelComments: ['ExcelApi', '1.10'],
  excelMentions: ['ExcelApi', '1.11'],
  excelCommentEvents: ['ExcelApi', '1.12'],
  excelAreas: ['ExcelApi', '1.9'],
  excelNotes: ['ExcelApi', '1.18'],
  conditionalFormats: ['ExcelApi', '1.6'],
} as const satisfies Record<string, readonly [set: string, version: string]>;
export type Feature = keyof typeof requirements;

/** Says whether the host has what a feature needs. Old hosts throw at sets they have never heard of. */
export function supports(office: OfficeApi, feature: Feature): boolean {
  try {
    const [set, version] = requirements[feature];
    return office.context.requirements.isSetSupported(set, version);
  } catch {
    return false;
  }
}

/** `silent`: no answer in time. A late one is dropped. */
export type Asked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly why: number | 'silent' };

/** Longer than a slow host needs, shorter than a person waits. Office.js itself would wait 65 s. */
const answerWithinMs = 5_000;

/** Asks the host for a field, and gives up in time. Never rejects. */
export function ask<Value>(field: OfficeField<Value>, withinMs = answerWithinMs): Promise<Asked<Value>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ ok: false, why: 'silent' }), withinMs);
    const settle = (asked: Asked<Value>): void => {
      clearTimeout(timer);
      resolve(asked);
    };
    try {
      field.getAsync((result) => {
        settle(
          result.status === 'succeeded'
            ? { ok: true, value: result.value }
            : { ok: false, why: result.error?.code ?? -1 },
        );
      });
    } catch {
      settle({ ok: false, why: -1 });
    }
  });
}

export function isField<Value>(value: unknown): value is OfficeField<Value> {
  return typeof value === 'object' && value !== null && 'getAsync' in value;
}

/** A look at a property; nobody waits longer for a theme. */
const themeEveryMs = 1_000;

/** Tells light from dark by what the host paints with, at once where it says so and then at every change. */
export function followTheme(office: OfficeApi, tell: (theme: 'light' | 'dark') => void): void {
  const judge = (theme: OfficeTheme | undefined): void => {
    const background = theme?.bodyBackgroundColor;
    if (background !== undefined) tell(isDark(background) ? 'dark' : 'light');
  };
  judge(office.context.officeTheme);
  const event = office.EventType.OfficeThemeChanged;
  const { mailbox } = office.context;
  // Word and Excel keep the theme where it can be read and raise no event for it.
  if (mailbox === undefined) setInterval(() => judge(office.context.officeTheme), themeEveryMs);
  if (event === undefined || !supports(office, 'themeChanged')) return;
  mailbox?.addHandlerAsync?.(event, (changed) => {
    judge((changed as { officeTheme?: OfficeTheme }).officeTheme);
  });
}

/** Outlook does not say whether its theme is dark (`isDarkTheme` is for the other hosts): the colour does. */
export function isDark(colour: string): boolean {
  const digits = /^#?([0-9a-f]{6})/i.exec(colour)?.[1];
  if (digits === undefined) return false;
  const part = (at: number): number => Number.parseInt(digits.slice(at, at + 2), 16);
  // Perceived brightness, ITU-R BT.601 weights.
  return (part(0) * 299 + part(2) * 587 + part(4) * 114) / 1_000 < 128;
}

/** `no-host`: the library is there, but the page was opened outside Office. `blocked`: it never came. */
export type OfficeStart =
  | { readonly kind: 'host'; readonly office: OfficeApi }
  | { readonly kind: 'no-host' }
  | { readonly kind: 'blocked' };

/** A page in a slow webview has been seen to need ten seconds; past that the person should be told. */
const readyWithinMs = 15_000;

/** What `/office-js/load.js` leaves on the page, and what the library does. */
interface OfficeGlobals {
  readonly jellybeanOffice?: Promise<boolean>;
  readonly Office?: OfficeApi;
}

/** Waits for the library and its host. Never rejects. */
export async function startOffice(withinMs = readyWithinMs): Promise<OfficeStart> {
  const globals = globalThis as unknown as OfficeGlobals;
  const late = new Promise<null>((resolve) => setTimeout(resolve, withinMs, null));
  const isLoaded = await Promise.race([globals.jellybeanOffice ?? globals.Office !== undefined, late]);
  const office = globals.Office;
  if (isLoaded !== true || office === undefined) return { kind: 'blocked' };
  const ready = await Promise.race([office.onReady(), late]);
  restoreHistory();
  if (ready === null) return { kind: 'blocked' };
  return ready.host ? { kind: 'host', office } : { kind: 'no-host' };
}

/** Office.js sets `pushState` and `replaceState` to null on the instance; the prototype still has them. */
function restoreHistory(): void {
  for (const name of ['pushState', 'replaceState'] as const) Reflect.deleteProperty(history, name);
}

/**
 * Keeps Tab and Escape for the pane. Office.js on the web moves the focus at Tab itself, among elements that
 * it finds in the document, and so never into a shadow root: everything in our components would be out of the
 * keyboard's reach. The browser's own order is right, and leaves the pane at its ends. Escape it takes for
 * itself too, and a card or menu would stay open: the host gets only those that close nothing of ours.
 */
export function keepKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Tab' && !event.ctrlKey && !event.altKey) event.stopPropagation();
    if (event.key === 'Escape' && (event.defaultPrevented || hasOpenSurface(document)))
      event.stopPropagation();
  });
}

/** Looks for an open popover or dialog, in shadow roots too. */
function hasOpenSurface(root: ParentNode): boolean {
  if (root.querySelector(':popover-open, dialog[open]') !== null) return true;
  return [...root.querySelectorAll('*')].some(
    ({ shadowRoot }) => shadowRoot !== null && hasOpenSurface(shadowRoot),
  );
}
