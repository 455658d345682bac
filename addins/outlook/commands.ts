/**
 * The buttons that work without a pane. “Chat with sender” opens the chat in a window of Office: a command
 * of Outlook has no screen of its own and cannot open the pane.
 */
import { chatLink } from '../shared/client/chat-link.ts';
import type { OfficeApi } from '../shared/office/host.ts';
import { createOutlookPeople } from './people.ts';

interface CommandEvent {
  completed(): void;
}
interface CommandOffice extends OfficeApi {
  readonly actions: { associate(name: string, handler: (event: CommandEvent) => void): void };
}
interface Globals {
  readonly Office?: CommandOffice;
  readonly jellybeanOffice?: Promise<boolean>;
}

/** Percent of the screen: a window to write in, beside the mail that it is about. */
const windowOptions = { width: 30, height: 60, promptBeforeOpen: false } as const;
/** The item is described in milliseconds; a host that says nothing must not hold the button down. */
const itemWithinMs = 6_000;

async function chatWithSender(office: OfficeApi): Promise<void> {
  const people = createOutlookPeople(office);
  try {
    const item = await new Promise<ReturnType<typeof openItem>>((resolve) => {
      const timer = setTimeout(() => resolve(openItem(people)), itemWithinMs);
      const settle = (): void => {
        const open = openItem(people);
        if (open === null) return;
        clearTimeout(timer);
        resolve(open);
      };
      people.subscribe(settle);
      settle();
    });
    const sender = item?.people.find(({ roles }) =>
      roles.some((role) => role === 'from' || role === 'organiser'),
    );
    if (item === null || sender === undefined || sender.address === '') return;
    const user = office.context.mailbox?.userProfile.emailAddress ?? '';
    const link = chatLink({ address: sender.address, context: item.context, user });
    const address = new URL(link, location.href).href;
    await new Promise<void>((resolve) => {
      if (office.context.ui === undefined) resolve();
      else office.context.ui.displayDialogAsync(address, windowOptions, () => resolve());
    });
  } finally {
    people.close();
  }
}

function openItem(people: ReturnType<typeof createOutlookPeople>) {
  const state = people.current();
  return state.state === 'open' ? state.item : null;
}

const globals = globalThis as unknown as Globals;
if (await globals.jellybeanOffice) {
  const office = globals.Office as CommandOffice;
  await office.onReady();
  office.actions.associate('chatWithSender', (event) => {
    void chatWithSender(office).finally(() => event.completed());
  });
}
