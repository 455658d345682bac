/** Several selected mails, over the in-memory Outlook: the published office.js of the tests is older than these calls. */
import { afterEach, expect, test } from 'vitest';
import { createOutlookPeople } from '../../addins/outlook/people.ts';
import { createConditions } from '../../addins/playground/host/model.ts';
import type { OfficeApi, OfficeItem } from '../../addins/shared/office/host.ts';
import type { ItemState, PeopleSource } from '../../addins/shared/people-source.ts';
import { demoMailbox } from '../support/demo-mailbox.ts';
import { fakeOutlook } from '../support/fake-outlook.ts';

const person = (local: string) => ({ emailAddress: `${local}@contoso.example`, displayName: local });
const mail = (from: string, ...to: string[]): Partial<OfficeItem> => ({
  itemType: 'message',
  subject: from,
  from: person(from),
  to: to.map(person),
  cc: [],
});
const mails: Record<string, Partial<OfficeItem>> = {
  one: mail('bob', 'alice', 'carol'),
  two: mail('carol', 'alice', 'erin'),
  three: mail('dave', 'bob'),
};

/** Hands over one mail at a time, as Outlook does, and remembers every misuse. */
function selecting(missing: readonly string[] = []) {
  const mailbox = demoMailbox();
  mailbox.openItem('budget');
  const office = fakeOutlook(mailbox, createConditions());
  const state = {
    selected: [] as string[],
    loaded: [] as string[],
    misuse: [] as string[],
    held: null as (() => void)[] | null,
  };
  let isOut = false;
  let changed = (): void => {};
  const own = {
    getSelectedItemsAsync: (done: (result: unknown) => void) =>
      done({ status: 'succeeded', value: state.selected.map((itemId) => ({ itemId })) }),
    loadItemByIdAsync(itemId: string, done: (result: unknown) => void) {
      if (isOut) state.misuse.push(`${itemId} before the last was given back`);
      isOut = true;
      state.loaded.push(itemId);
      const value = {
        ...mails[itemId],
        unloadAsync(given: (result: unknown) => void) {
          isOut = false;
          given({ status: 'succeeded', value: undefined });
        },
      };
      const answer = () => done({ status: 'succeeded', value });
      if (state.held === null) answer();
      else state.held.push(answer);
    },
    addHandlerAsync(event: string, handler: () => void, done?: (result: unknown) => void) {
      if (event === 'selected') changed = handler;
      else office.context.mailbox?.addHandlerAsync?.(event, handler, done as never);
    },
  };
  const extended = new Proxy(office.context.mailbox as object, {
    get: (target, name) => (name in own ? own[name as keyof typeof own] : Reflect.get(target, name)),
  });
  const api = {
    ...office,
    EventType: { ...office.EventType, SelectedItemsChanged: 'selected' },
    context: {
      ...office.context,
      mailbox: extended,
      requirements: {
        isSetSupported: (name: string, version?: string) =>
          name === 'Mailbox' && !missing.includes(version ?? ''),
      },
    },
  } as unknown as OfficeApi;
  return {
    api,
    state,
    select(...ids: string[]) {
      state.selected = ids;
      changed();
    },
  };
}

let source: PeopleSource | null = null;
afterEach(() => {
  source?.close();
  source = null;
});
function follow(api: OfficeApi): ItemState[] {
  const told: ItemState[] = [];
  source = createOutlookPeople(api, { isVisible: () => true, onReturn: () => () => {} });
  source.subscribe((state) => told.push(state));
  return told;
}
const people = () => {
  const state = source?.current();
  return state?.state === 'open' ? state.item.people.map(({ address }) => address.split('@')[0]) : null;
};

test('[OF28] the people of all selected mails, each once, and the open mail again when one is left', async () => {
  const { api, state, select } = selecting();
  follow(api);
  await expect.poll(() => source?.current()).toMatchObject({ item: { title: 'budget' } });
  select('one', 'two', 'three');
  await expect.poll(() => people()).toEqual(['bob', 'alice', 'carol', 'erin', 'dave']);
  expect(source?.current()).toMatchObject({ item: { count: 3, context: null, unanswered: [] } });
  expect(state.misuse).toEqual([]);
  select('one');
  await expect.poll(() => source?.current()).toMatchObject({ item: { title: 'budget' } });
});

test('[OF28] a new selection drops what is under way for the one before', async () => {
  const { api, state, select } = selecting();
  state.held = [];
  const told = follow(api);
  select('one', 'two');
  await expect.poll(() => state.loaded).toEqual(['one']);
  select('two', 'three');
  for (const answer of state.held.splice(0)) answer();
  state.held = null;
  await expect.poll(() => people()).toEqual(['carol', 'alice', 'erin', 'dave', 'bob']);
  expect(state.misuse).toEqual([]);
  const counts = told.flatMap((one) =>
    one.state === 'open' && one.item.count ? [one.item.people.length] : [],
  );
  expect(counts).toEqual([5]);
});

test('[OF28] a host that names selected mails but hands none over says that their people are missing', async () => {
  const { api, state, select } = selecting(['1.15']);
  follow(api);
  select('one', 'two');
  await expect
    .poll(() => source?.current())
    .toMatchObject({ item: { count: 2, people: [], unanswered: ['from', 'to', 'cc'] } });
  expect(state.loaded).toEqual([]);
});

test('[OF28] a host without several mails at once is not asked', async () => {
  const { api, select } = selecting(['1.13']);
  follow(api);
  select('one', 'two');
  await expect.poll(() => source?.current()).toMatchObject({ item: { title: 'budget' } });
});
