import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expand } from '../../server/adapters/calendar/expand.ts';
import { createCalendarReader } from '../../server/adapters/calendar/reader.ts';
import { createOutboundFetch } from '../../server/adapters/outbound/guarded-fetch.ts';
import { wallToInstant } from '../../server/domain/zones.ts';

const day = (text: string) => Date.parse(text);
const wrap = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//t//t//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: string[]) =>
  ['BEGIN:VEVENT', `UID:${lines.join('').length}@t`, 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'].join(
    '\r\n',
  );
const read = (
  text: string,
  from = '2026-03-23T00:00:00Z',
  to = '2026-04-06T00:00:00Z',
  owner: string[] = [],
) => expand({ text, from: day(from), to: day(to), owner, timeZone: 'Europe/Budapest' });
const starts = (times: { startsAt: number }[]) =>
  times.map(({ startsAt }) => new Date(startsAt).toISOString().slice(0, 16));

describe('iCalendar', () => {
  test('[PA24] a weekly meeting keeps its wall clock over the change to summer time, with or without the zone’s own table', () => {
    const weekly = event(
      'DTSTART;TZID=Europe/Berlin:20260325T100000',
      'DTEND;TZID=Europe/Berlin:20260325T110000',
      'RRULE:FREQ=WEEKLY;COUNT=3',
      'SUMMARY:Weekly',
      'ATTENDEE:mailto:a@b.example',
    );
    expect(starts(read(wrap(weekly), undefined, '2026-05-01T00:00:00Z'))).toEqual([
      '2026-03-25T09:00',
      '2026-04-01T08:00',
      '2026-04-08T08:00',
    ]);
    const windows = [
      'BEGIN:VTIMEZONE',
      'TZID:W. Europe Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16010101T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:16010101T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
      'END:DAYLIGHT',
      'END:VTIMEZONE',
    ].join('\r\n');
    const described = wrap(windows, weekly.replaceAll('Europe/Berlin', 'W. Europe Standard Time'));
    expect(starts(read(described, undefined, '2026-05-01T00:00:00Z'))).toEqual([
      '2026-03-25T09:00',
      '2026-04-01T08:00',
      '2026-04-08T08:00',
    ]);
  });

  test('[PA24] exceptions, moved and cancelled occurrences count as they are', () => {
    const series = [
      'BEGIN:VEVENT',
      'UID:s@t',
      'DTSTAMP:20260101T000000Z',
      'DTSTART:20260323T090000Z',
      'DTEND:20260323T100000Z',
      'RRULE:FREQ=DAILY;COUNT=5',
      'EXDATE:20260324T090000Z',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:s@t',
      'DTSTAMP:20260101T000000Z',
      'RECURRENCE-ID:20260325T090000Z',
      'DTSTART:20260325T150000Z',
      'DTEND:20260325T160000Z',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:s@t',
      'DTSTAMP:20260101T000000Z',
      'RECURRENCE-ID:20260326T090000Z',
      'DTSTART:20260326T090000Z',
      'DTEND:20260326T100000Z',
      'STATUS:CANCELLED',
      'END:VEVENT',
    ].join('\r\n');
    expect(starts(read(wrap(series)))).toEqual(['2026-03-23T09:00', '2026-03-25T15:00', '2026-03-27T09:00']);
  });

  const kinds: [string, string[], string | null][] = [
    ['[PA24] opaque is busy', [], 'busy'],
    ['[PA24] transparent is free', ['TRANSP:TRANSPARENT'], null],
    ['[PA24] cancelled is free', ['STATUS:CANCELLED'], null],
    ['[PA24] tentative is tentative', ['STATUS:TENTATIVE'], 'tentative'],
    [
      '[PA24] Exchange’s out of office goes before the standard’s word',
      ['TRANSP:TRANSPARENT', 'X-MICROSOFT-CDO-BUSYSTATUS:OOF'],
      'out-of-office',
    ],
    ['[PA24] working elsewhere is free', ['X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE'], null],
    [
      '[PA24] what the owner declined is free',
      ['ATTENDEE;PARTSTAT=DECLINED:mailto:Me@contoso.example'],
      null,
    ],
    [
      '[PA24] what another declined is not',
      ['ATTENDEE;PARTSTAT=DECLINED:mailto:you@contoso.example'],
      'busy',
    ],
  ];
  for (const [title, lines, kind] of kinds)
    test(title, () => {
      const text = wrap(event('DTSTART:20260325T090000Z', 'DURATION:PT30M', ...lines));
      expect(read(text, undefined, undefined, ['me@contoso.example'])[0]?.kind ?? null).toBe(kind);
    });

  test('[PA24] whole days are the owner’s days; private items say nothing; a meeting is what others attend', () => {
    const [whole] = read(
      wrap(event('DTSTART;VALUE=DATE:20260401', 'DTEND;VALUE=DATE:20260402', 'SUMMARY:Off')),
    );
    expect(new Date(whole!.startsAt).toISOString()).toBe('2026-03-31T22:00:00.000Z');
    const [secret] = read(
      wrap(event('DTSTART:20260325T090000Z', 'DTEND:20260325T100000Z', 'CLASS:PRIVATE', 'SUMMARY:Doctor')),
    );
    expect(secret).toMatchObject({ subject: null, isMeeting: false });
    const [met] = read(
      wrap(
        event(
          'DTSTART:20260325T090000Z',
          'DTEND:20260325T100000Z',
          'SUMMARY:Plan',
          'ATTENDEE:mailto:x@y.example',
        ),
      ),
    );
    expect(met).toMatchObject({ subject: 'Plan', isMeeting: true });
  });

  test('[PA24] published free/busy is read as well', () => {
    const text = wrap(
      'BEGIN:VFREEBUSY',
      'UID:f@t',
      'DTSTAMP:20260101T000000Z',
      'FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260325T090000Z/PT1H',
      'FREEBUSY;FBTYPE=FREE:20260326T090000Z/PT1H',
      'FREEBUSY:20260327T090000Z/20260327T100000Z',
      'END:VFREEBUSY',
    );
    expect(read(text).map(({ kind }) => kind)).toEqual(['out-of-office', 'busy']);
  });

  test('[PA24] a clock time that a zone skips or has twice means one moment', () => {
    expect(new Date(wallToInstant(Date.UTC(2026, 2, 29, 2, 30), 'Europe/Berlin')!).toISOString()).toBe(
      '2026-03-29T01:30:00.000Z',
    );
    expect(new Date(wallToInstant(Date.UTC(2026, 9, 25, 2, 30), 'Europe/Berlin')!).toISOString()).toBe(
      '2026-10-25T00:30:00.000Z',
    );
    expect(wallToInstant(0, 'Nowhere/Land')).toBeNull();
  });
});

describe('hostile calendars', () => {
  const reader = createCalendarReader(1_500);
  afterAll(() => reader.close());
  const window = [day('2026-03-23T00:00:00Z'), day('2026-04-06T00:00:00Z'), [], 'UTC'] as const;

  test('[PA25] a text that is no calendar is refused, and the next one is read', async () => {
    for (const text of ['', 'hello', 'BEGIN:VCALENDAR', '{"a":1}', 'BEGIN:VEVENT\r\nEND:VEVENT'])
      await expect(reader.read(text, ...window)).rejects.toMatchObject({ code: 'calendar-unreadable' });
    const good = wrap(event('DTSTART:20260325T090000Z', 'DTEND:20260325T100000Z'));
    expect(await reader.read(good, ...window)).toHaveLength(1);
  });

  test('[PA25] rules that never end or never match cannot hold up the server', async () => {
    const good = event('DTSTART:20260325T090000Z', 'DTEND:20260325T100000Z');
    for (const rule of [
      'FREQ=SECONDLY',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=31',
    ]) {
      const text = wrap(event('DTSTART:19700101T000000Z', 'DTEND:19700101T000001Z', `RRULE:${rule}`), good);
      let beats = 0;
      const beat = setInterval(() => {
        beats += 1;
      }, 20);
      const started = performance.now();
      const result = await reader.read(text, ...window).catch((error: { code: string }) => error.code);
      clearInterval(beat);
      if (result !== 'calendar-unreadable') expect(result, rule).toHaveLength(1);
      // It was given 1.5 s; one that held up this thread would have let it beat once or not at all.
      const tookMs = performance.now() - started;
      expect(tookMs, rule).toBeLessThan(15_000);
      if (tookMs > 1_000) expect(beats).toBeGreaterThan(3);
    }
    expect(await reader.read(wrap(good), ...window)).toHaveLength(1);
  });
});

describe('guarded fetch', () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (request.url === '/inside') response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      else if (request.url === '/large') response.end('x'.repeat(5_000));
      else if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else
        response
          .writeHead(200, { etag: '"1"' })
          .end(`host ${request.headers.host} cookie ${request.headers.cookie}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://calendar.example:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  let asked: string[] = [];
  afterEach(() => {
    asked = [];
  });
  const client = (answers: Record<string, string[]>, allowRanges: string[] = []) =>
    createOutboundFetch({
      allow: [{ scheme: 'http:', ports: [80, Number(new URL(base).port)] }],
      allowRanges,
      resolve: async (host) => {
        asked.push(host);
        return answers[host] ?? [];
      },
    });
  const local = { 'calendar.example': ['127.0.0.1'] };
  const options = { maxBytes: 1_000, etag: null, accept: 'text/calendar' };
  const code = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: { code: string }) => error.code,
    );

  test('[PA26] only the allowed schemes and ports, and no credentials', () => {
    const strict = createOutboundFetch();
    for (const url of [
      'http://a.example/',
      'ftp://a.example/',
      'file:///etc/passwd',
      'https://a.example:8443/',
      'https://me:pw@a.example/',
      'javascript:1',
      'nothing',
    ])
      expect(() => strict.check(url), url).toThrowError(expect.objectContaining({ code: 'address-refused' }));
    for (const url of ['https://a.example/x.ics', 'webcal://a.example/x.ics', 'https://a.example:443/'])
      strict.check(url);
  });

  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
  ];
  test('[PA26] a name that leads inside is refused, in every spelling, even if one of its addresses is public', async () => {
    for (const address of inside) {
      expect(await code(client({ 'calendar.example': [address] }).text(base, options)), address).toBe(
        'address-refused',
      );
      expect(
        await code(client({ 'calendar.example': ['93.184.215.14', address] }).text(base, options)),
        address,
      ).toBe('address-refused');
    }
    for (const url of [
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://017700000001/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
    ])
      expect(await code(client({}).text(url, options)), url).toBe('address-refused');
  });

  test('[PA26] the connection goes to the address that was checked, asked once; ranges of one’s own can be allowed', async () => {
    let answers = 0;
    const turning = createOutboundFetch({
      allow: [{ scheme: 'http:', ports: [Number(new URL(base).port)] }],
      allowRanges: ['127.0.0.0/8'],
      resolve: async () => {
        answers += 1;
        return answers === 1 ? ['127.0.0.1'] : ['10.0.0.1'];
      },
    });
    const got = await turning.text(`${base}/x`, options);
    expect(got).toEqual({ text: `host ${new URL(base).host} cookie undefined`, etag: '"1"' });
    expect(answers).toBe(1);
    expect(await client(local, ['127.0.0.1/32']).text(base, { ...options, etag: '"1"' })).toEqual({
      text: null,
      etag: '"1"',
    });
  });

  test('[PA26] redirects are judged like the first address and are few; size is bounded', async () => {
    const open = client(local, ['127.0.0.0/8']);
    expect(await code(open.text(`${base}/inside`, options))).toBe('address-refused');
    expect(await code(open.text(`${base}/redirect`, options))).toBe('address-refused');
    expect(await code(open.text(`${base}/loop`, options))).toBe('fetch-failed');
    expect(await code(open.text(`${base}/large`, options))).toBe('fetch-failed');
    expect(await code(client({}).text(base, options))).toBe('fetch-failed');
  });
});
