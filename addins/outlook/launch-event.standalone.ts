/**
 * Runs by itself when a mail is written and when its recipients change (`LaunchEvent` in the manifest): asks the
 * server who of them is out of office and says so in a message on the item. No screen, no storage, no second
 * file: in classic Outlook on Windows this runs in an engine that has nothing but the language, `fetch` and
 * Office. Whatever goes wrong, the event is completed and nobody is disturbed.
 */
import { type Absent, absenceMessage } from './events/absences.ts';
import { eventWordsFor } from './events/words.ts';

type Callback<Value> = (result: { readonly status: string; readonly value: Value }) => void;
interface Recipient {
  readonly emailAddress: string;
  readonly displayName: string;
}
interface Message {
  readonly to?: Line;
  readonly cc?: Line;
  readonly bcc?: Line;
  readonly notificationMessages?: {
    replaceAsync(key: string, details: object, callback: Callback<unknown>): void;
    removeAsync(key: string, callback: Callback<unknown>): void;
  };
}
interface Line {
  getAsync(callback: Callback<readonly Recipient[]>): void;
}
interface EventOffice {
  /** The web's library listens for commands once somebody has asked whether it is ready. */
  onReady?(): unknown;
  readonly actions: { associate(name: string, handler: (event: LaunchEvent) => void): void };
  readonly context: {
    readonly displayLanguage?: string;
    readonly requirements?: { isSetSupported(set: string, version: string): boolean };
    readonly mailbox: {
      readonly item?: Message | null;
      readonly userProfile: { readonly emailAddress: string };
    };
  };
}
interface LaunchEvent {
  completed(): void;
}
interface View {
  readonly outOfOffice: { readonly until: string | null } | null;
}
interface Globals {
  readonly Office?: EventOffice;
  readonly OfficeRuntime?: { readonly auth?: { getAccessToken(options: object): Promise<string> } };
  /** `/office-js/load.js` of the page around this script says when the library is there. */
  readonly jellybeanOffice?: Promise<boolean>;
  /** Where this server is; the server writes it in front of this script, for an engine without addresses. */
  readonly jellybeanServer?: string;
  readonly location?: { readonly origin: string };
}

const globals = globalThis as unknown as Globals;
/** A mail to more people than this is a mailing; nobody reads their absences one by one. */
const recipientLimit = 100;
const messageKey = 'jellybeanAbsence';
/** The pane's button on a mail that is written; the message's own action opens the pane by it. */
const paneButton = 'jbMessageComposeButton';
/** A person types on; the event must not outlive their patience with a dead server. */
const answerWithinMs = 10_000;

const server = (): string => globals.jellybeanServer ?? globals.location?.origin ?? '';

function readLine(line: Line | undefined): Promise<readonly Recipient[]> {
  return new Promise((resolve) => {
    if (line === undefined) resolve([]);
    else line.getAsync(({ status, value }) => resolve(status === 'succeeded' ? value : []));
  });
}

async function ask<Answer>(
  path: string,
  token: string | null,
  body?: object,
  language = 'en',
): Promise<Answer> {
  const response = await fetch(`${server()}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Accept-Language': language,
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json() as Promise<Answer>;
}

/** Nobody can be asked anything here: only what the demo or the host gives silently will do. */
async function signIn(office: EventOffice): Promise<string> {
  const { auth } = await ask<{ auth: { mode: string } }>('/config', null);
  if (auth.mode === 'demo') {
    const user = office.context.mailbox.userProfile.emailAddress;
    return (await ask<{ access_token: string }>('/demo/token', null, { user })).access_token;
  }
  const hostAuth = globals.OfficeRuntime?.auth;
  if (hostAuth === undefined) throw new Error('this host signs nobody in silently');
  return hostAuth.getAccessToken({ allowSignInPrompt: false, allowConsentPrompt: false });
}

async function findAbsent(office: EventOffice, item: Message): Promise<Absent[]> {
  const lines = await Promise.all([readLine(item.to), readLine(item.cc), readLine(item.bcc)]);
  const people = new Map<string, Recipient>();
  for (const one of lines.flatMap((line) => [...line]))
    if (one.emailAddress) people.set(one.emailAddress.toLowerCase(), one);
  const recipients = [...people.values()].slice(0, recipientLimit);
  if (recipients.length === 0) return [];
  const token = await signIn(office);
  const addresses = recipients.map(({ emailAddress }) => emailAddress);
  const { items } = await ask<{ items: readonly View[] }>('/presence/query', token, { addresses });
  return recipients.flatMap(({ displayName, emailAddress }, index) => {
    const away = items[index]?.outOfOffice;
    return away ? [{ name: displayName || emailAddress, until: away.until }] : [];
  });
}

/** Shows the sentence or takes it away. An insight has a button of ours; older hosts know plain messages. */
function show(office: EventOffice, item: Message, message: string | null): Promise<void> {
  return new Promise((resolve) => {
    const { notificationMessages } = item;
    if (notificationMessages === undefined) {
      resolve();
      return;
    }
    if (message === null) {
      // Refused where there is none: as good as gone.
      notificationMessages.removeAsync(messageKey, () => resolve());
      return;
    }
    const hasInsight = office.context.requirements?.isSetSupported('Mailbox', '1.10') ?? false;
    const words = eventWordsFor(office.context.displayLanguage ?? 'en');
    const action = {
      actionType: 'showTaskPane',
      actionText: words.show,
      commandId: paneButton,
      contextData: {},
    };
    notificationMessages.replaceAsync(
      messageKey,
      hasInsight
        ? { type: 'insightMessage', message, icon: 'icon16', actions: [action] }
        : { type: 'informationalMessage', message, icon: 'icon16', persistent: false },
      () => resolve(),
    );
  });
}

/** Only the newest run may speak: recipients change faster than servers answer. */
let runs = 0;

async function tellAbsences(event: LaunchEvent): Promise<void> {
  const office = globals.Office as EventOffice;
  const { item } = office.context.mailbox;
  runs += 1;
  const mine = runs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), answerWithinMs);
  });
  try {
    const absent = item ? await Promise.race([findAbsent(office, item), patience]) : null;
    if (item && absent !== null && mine === runs)
      await show(office, item, absenceMessage(absent, office.context.displayLanguage ?? 'en'));
  } catch {
    // Unknown is not absent: nothing is said.
  } finally {
    clearTimeout(timer);
    event.completed();
  }
}

function start(): void {
  globals.Office?.onReady?.();
  const { actions } = globals.Office ?? {};
  actions?.associate('onNewMessageCompose', (event) => void tellAbsences(event));
  actions?.associate('onMessageRecipientsChanged', (event) => void tellAbsences(event));
}

if (globals.jellybeanOffice === undefined) start();
else void globals.jellybeanOffice.then(start);
