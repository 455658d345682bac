import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCalendarReader } from '../../server/adapters/calendar/reader.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { Fetched } from '../../server/ports/calendar.ts';
import { createCalendars } from '../../server/services/calendars.ts';
import { noon } from '../support/clock.ts';
import {
  idOf,
  type Member,
  type Organisation,
  openOrganisation,
  reader,
} from '../support/presence-organisation.ts';

const minute = 60_000;
const stamp = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
const item = (from: number, to: number, ...more: string[]) => [
  'BEGIN:VEVENT',
  `UID:${from}`,
  'DTSTAMP:20260101T000000Z',
  `DTSTART:${stamp(from)}`,
  `DTEND:${stamp(to)}`,
  ...more,
  'END:VEVENT',
];
const calendar = (...items: string[][]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//t//EN', ...items.flat(), 'END:VCALENDAR'].join('\r\n');
const meeting = ['SUMMARY:Budget 2027', 'ATTENDEE:mailto:bob@contoso.example'];

let org: Organisation;
let calendars: Awaited<ReturnType<typeof createCalendars>>;
let answer: () => Promise<Fetched>;
let fetches: (string | null)[];
/** Texts that are being read, in a thread of their own. */
let reading = 0;

async function start(): Promise<void> {
  const reader = createCalendarReader();
  calendars = await createCalendars({
    store: org.store,
    bus: org.bus,
    directory: createStoredDirectory(org.store.accounts, org.clock),
    clock: org.clock,
    presence: org.presence,
    outbound: {
      check(url) {
        if (!url.startsWith('https:'))
          throw new DomainError('address-refused', 'Addresses begin with https://.');
      },
      text(_url, { etag }) {
        fetches.push(etag);
        return answer();
      },
    },
    reader: {
      ...reader,
      async read(...given) {
        reading += 1;
        return reader.read(...given).finally(() => {
          reading -= 1;
        });
      },
    },
    timeZone: 'UTC',
    onError: (error) => org.errors.push(error),
  });
}

beforeEach(async () => {
  org = await openOrganisation();
  fetches = [];
  answer = async () => ({ text: calendar(), etag: null });
  await start();
});
afterEach(async () => {
  expect(org.errors).toEqual([]);
  await calendars.close();
  await org.dispose();
});
/** Moves time to the next reading and waits until it is over. */
async function pass(ms: number): Promise<void> {
  const before = fetches.length;
  org.clock.advance(ms);
  await expect.poll(() => fetches.length).toBe(before + 1);
  await org.settle();
  await expect.poll(() => reading).toBe(0);
  await org.settle();
}
const url = 'https://calendar.example/alice.ics';
const sees = (by: Member) => org.sees(by, 'alice');

test('[PA27] a meeting of the calendar makes busy while it lasts, with its end, and the workgroup sees what it is about', async () => {
  org.open('alice');
  answer = async () => ({
    text: calendar(item(noon + 2 * minute, noon + 4 * minute, ...meeting)),
    etag: null,
  });
  expect(await calendars.put(idOf('alice'), { url })).toMatchObject({
    source: 'url',
    enabled: true,
    problem: null,
  });
  expect(sees('bob').availability).toBe('available');
  org.clock.advance(2 * minute);
  expect(sees('bob')).toMatchObject({
    availability: 'busy',
    activity: 'in-a-meeting',
    text: 'In a meeting until 12:04',
  });
  await org.contacts.put(idOf('alice'), idOf('carol'), { relationship: 'workgroup' }, reader);
  expect(sees('carol').text).toBe('In a meeting until 12:04: Budget 2027');
  org.clock.advance(2 * minute);
  expect(sees('bob').availability).toBe('available');
});

test('[PA27] the address is read again every quarter of an hour, and what it no longer holds is gone', async () => {
  org.open('alice');
  answer = async () => ({ text: calendar(item(noon, noon + 60 * minute, ...meeting)), etag: '"1"' });
  await calendars.put(idOf('alice'), { url });
  expect(sees('bob').availability).toBe('busy');
  answer = async () => ({ text: null, etag: '"1"' });
  await pass(15 * minute);
  expect(fetches).toEqual([null, '"1"']);
  expect(sees('bob').activity).toBe('in-a-meeting');
  answer = async () => ({ text: calendar(), etag: '"2"' });
  await pass(15 * minute);
  expect(sees('bob').activity).not.toBe('in-a-meeting');
});

test('[PA27] a calendar that fails keeps what it said, tells its owner why, and recovers', async () => {
  org.open('alice');
  answer = async () => ({ text: calendar(item(noon, noon + 60 * minute, ...meeting)), etag: null });
  await calendars.put(idOf('alice'), { url });
  answer = () => Promise.reject(new DomainError('fetch-failed', 'The server answered 500.'));
  await pass(15 * minute);
  expect(sees('bob').activity).toBe('in-a-meeting');
  expect(calendars.get(idOf('alice')).problem).toEqual({
    code: 'fetch-failed',
    detail: 'The server answered 500.',
  });
  answer = async () => ({ text: calendar(), etag: null });
  await pass(15 * minute);
  expect(calendars.get(idOf('alice')).problem).toBeNull();
});

test('[PA27] it can be switched off, on again, and survives a restart', async () => {
  org.open('alice');
  const text = calendar(item(noon, noon + 60 * minute, ...meeting));
  await calendars.put(idOf('alice'), { text });
  expect(sees('bob').availability).toBe('busy');
  await calendars.put(idOf('alice'), { enabled: false });
  expect(sees('bob').availability).toBe('available');
  expect(calendars.get(idOf('alice'))).toMatchObject({ source: 'text', enabled: false });
  await calendars.put(idOf('alice'), { enabled: true });
  expect(sees('bob').availability).toBe('busy');
  await calendars.close();
  await org.stop();
  await org.start();
  await start();
  org.open('alice');
  expect(sees('bob').availability).toBe('busy');
  await calendars.remove(idOf('alice'));
  expect(sees('bob').availability).toBe('available');
});

test('[PA27] an absence in the calendar is shown beside the state and changes none', async () => {
  org.open('alice');
  await calendars.put(idOf('alice'), {
    text: calendar(item(noon, noon + 3 * 24 * 60 * minute, 'X-MICROSOFT-CDO-BUSYSTATUS:OOF')),
  });
  expect(sees('bob')).toMatchObject({ availability: 'available', outOfOffice: { note: null } });
  expect(sees('bob').contact[0]).toBe('email');
});

test('[PA27] a wrong address or text is refused and nothing is kept of it', async () => {
  await expect(calendars.put(idOf('alice'), { url: 'http://x' })).rejects.toMatchObject({
    code: 'address-refused',
  });
  await expect(calendars.put(idOf('alice'), { text: 'no calendar' })).rejects.toMatchObject({
    code: 'calendar-unreadable',
  });
  expect(calendars.get(idOf('alice')).source).toBeNull();
});

test('[PV10] free/busy and working hours are shown from colleague on, subjects to the workgroup; to others there is no calendar', async () => {
  const workingHours = { days: ['monday' as const], from: '09:00', to: '17:00', timeZone: 'Europe/Budapest' };
  const text = calendar(
    item(noon, noon + 60 * minute, ...meeting),
    item(noon + 90 * minute, noon + 95 * minute, 'STATUS:TENTATIVE'),
  );
  await calendars.put(idOf('alice'), { text, workingHours });
  const none = { workingHours: null, items: [] };
  expect(calendars.freeBusy(idOf('alice'), 'hidden')).toEqual(none);
  expect(calendars.freeBusy(idOf('alice'), 'external')).toEqual(none);
  expect(calendars.freeBusy(idOf('bob'), 'colleague')).toEqual(none);
  const colleague = calendars.freeBusy(idOf('alice'), 'colleague');
  expect(colleague.workingHours).toEqual(workingHours);
  expect(colleague.items).toMatchObject([{ state: 'busy', subject: null }, { state: 'tentative' }]);
  expect(calendars.freeBusy(idOf('alice'), 'workgroup').items[0]?.subject).toBe('Budget 2027');
  expect(calendars.freeBusy(idOf('alice'), 'friends-and-family').items[0]?.subject).toBeNull();
});
