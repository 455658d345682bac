/** The people of the open item, over the in-memory Outlook: the suite that the real office.js passes too. */
import { describe, expect, test } from 'vitest';
import { createOutlookPeople } from '../../addins/outlook/people.ts';
import { createConditions } from '../../addins/playground/host/model.ts';
import type { ItemState } from '../../addins/shared/people-source.ts';
import { demoMailbox } from '../support/demo-mailbox.ts';
import { fakeOutlook } from '../support/fake-outlook.ts';
import { testOutlookPeople } from '../support/people-source-suite.ts';

describe('the open item in the in-memory Outlook', () => {
  testOutlookPeople(async () => {
    const world = { mailbox: demoMailbox(), conditions: createConditions() };
    const history: ItemState[] = [];
    let close = (): void => {};
    return {
      play: async (act, argument) => act(world, argument),
      async start() {
        const office = fakeOutlook(world.mailbox, world.conditions);
        const source = createOutlookPeople(office, { isVisible: () => true, onReturn: () => () => {} });
        close = source.close;
        history.push(source.current());
        source.subscribe((state) => history.push(state));
      },
      history: async () => history,
      close: async () => close(),
    };
  });
});

test('[OF6] an item that may not be read is open with nothing known of it, and the next one is read again', async () => {
  const mailbox = demoMailbox();
  mailbox.openItem('budget');
  const office = fakeOutlook(mailbox, createConditions());
  const locked = Object.defineProperty({ ...office.context.mailbox?.item }, 'from', {
    get() {
      throw new Error('protected');
    },
  });
  let isLocked = true;
  const guarded = new Proxy(office.context.mailbox as object, {
    get: (target, name) => (name === 'item' && isLocked ? locked : Reflect.get(target, name)),
  });
  const source = createOutlookPeople(
    { ...office, context: { ...office.context, mailbox: guarded as never } },
    { isVisible: () => true, onReturn: () => () => {} },
  );
  await expect
    .poll(() => source.current())
    .toMatchObject({ item: { people: [], unanswered: ['from', 'to', 'cc', 'bcc'] } });
  isLocked = false;
  mailbox.openItem('meeting');
  await expect
    .poll(() => source.current())
    .toMatchObject({ item: { kind: 'appointment', title: 'meeting' } });
  source.close();
});
