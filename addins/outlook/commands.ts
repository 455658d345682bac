/**
 * The buttons that work without a pane: “Chat with sender”, and “Reply with chat”, which is to everybody on the
 * mail. They open the chat in a window of Office: a command of Outlook has no screen of its own and cannot open the
 * pane.
 */
import { limits } from '../../server/protocol/vocabulary.ts';
import { chatLink } from '../shared/client/chat-link.ts';
import type { OfficeApi } from '../shared/office/host.ts';
import type { ItemPerson, PersonRole } from '../shared/people-source.ts';
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

const authors: readonly PersonRole[] = ['from', 'organiser'];
const isAuthor = ({ roles }: ItemPerson): boolean => roles.some((role) => authors.includes(role));
const isAnybody = (): boolean => true;

/** Opens a chat about the open item with those of its people who are meant, oneself left out. */
async function chatWith(office: OfficeApi, isMeant: (person: ItemPerson) => boolean): Promise<void> {
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
    if (item === null) return;
    const user = office.context.mailbox?.userProfile.emailAddress ?? '';
    const addresses = item.people
      .filter(isMeant)
      .map(({ address }) => address)
      .filter((address) => address !== '' && address.toLowerCase() !== user.toLowerCase())
      // More would be no conference.
      .slice(0, limits.participants - 1);
    if (addresses.length === 0) return;
    const link = chatLink({ addresses, context: item.context, user });
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
  const command = (isMeant: (person: ItemPerson) => boolean) => (event: CommandEvent) => {
    void chatWith(office, isMeant).finally(() => event.completed());
  };
  office.actions.associate('chatWithSender', command(isAuthor));
  office.actions.associate('replyWithChat', command(isAnybody));
}
