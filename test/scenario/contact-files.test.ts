import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCalendarReader } from '../../server/adapters/calendar/reader.ts';
import { idOf, type Organisation, openOrganisation, reader } from '../support/presence-organisation.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

const files = createCalendarReader(1_500);
afterAll(() => files.close());

let org: Organisation;
beforeEach(async () => {
  org = await openOrganisation();
});
afterEach(async () => {
  expect(org.errors).toEqual([]);
  await org.dispose();
});

describe('address cards', () => {
  const card = (name: string, ...lines: string[]) =>
    ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, ...lines, 'END:VCARD', ''].join('\r\n');

  test('[CO7] what is exported and imported again is the same list with the same groups', async () => {
    const text =
      card('Bob', 'EMAIL:BOB@contoso.example', 'CATEGORIES:Team,Lunch\\, daily') +
      card('Carol', 'EMAIL:old@nowhere.example', 'EMAIL:carol@contoso.example', 'CATEGORIES:Team');
    const first = await org.contacts.importCards(idOf('alice'), await files.cards.read(text, 10), reader);
    expect(first).toEqual({ added: 2, changed: 0, skipped: [] });
    const groups = await org.contacts.groups(idOf('alice'), reader);
    expect(groups.map(({ name }) => name)).toEqual(['Team', 'Lunch, daily']);
    const exported = files.cards.write(await org.contacts.cards(idOf('alice'), reader));
    const again = await org.contacts.importCards(idOf('alice'), await files.cards.read(exported, 10), reader);
    expect(again).toEqual({ added: 0, changed: 0, skipped: [] });
    const other = await org.contacts.importCards(idOf('dave'), await files.cards.read(exported, 10), reader);
    expect(other.added).toBe(2);
    expect((await org.contacts.list(idOf('dave'), reader)).map(({ person }) => person.id)).toEqual([
      idOf('bob'),
      idOf('carol'),
    ]);
  });

  test('[CO7] whoever cannot be added is named with the reason', async () => {
    const text =
      card('Nobody', 'EMAIL:nobody@nowhere.example') +
      card('Plain') +
      card('Me', 'EMAIL:alice@contoso.example');
    const { skipped } = await org.contacts.importCards(
      idOf('alice'),
      await files.cards.read(text, 10),
      reader,
    );
    expect(skipped).toEqual([
      { name: 'Nobody', address: 'nobody@nowhere.example', reason: 'not-in-directory' },
      { name: 'Plain', address: null, reason: 'no-address' },
      { name: 'Me', address: 'alice@contoso.example', reason: 'yourself' },
    ]);
  });

  test('[CO7] a card shows no more than the relationship does', async () => {
    await org.contacts.put(idOf('alice'), idOf('bob'), {}, reader);
    const [toColleague] = await org.contacts.cards(idOf('alice'), reader);
    expect(toColleague?.phones).toEqual([{ kind: 'work', number: '+36 1 1' }]);
    await org.contacts.put(idOf('bob'), idOf('alice'), { relationship: 'blocked' }, reader);
    const [toBlocked] = await org.contacts.cards(idOf('alice'), reader);
    // Not thinner than to anybody: that would tell.
    expect(toBlocked).toEqual(toColleague);
  });

  test('[CO7] vCard 2.1 as Outlook writes it, 3.0 and 4.0 are read', async () => {
    const old = [
      'BEGIN:VCARD',
      'VERSION:2.1',
      'N;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:Kov=C3=A1cs;Bob',
      'FN;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:Bob Kov=C3=A1=',
      'cs',
      'TEL;CELL;VOICE:+36 30 1',
      'EMAIL;PREF;INTERNET:bob@contoso.example',
      'END:VCARD',
      '',
    ].join('\r\n');
    expect(await files.cards.read(old, 10)).toMatchObject([
      {
        name: 'Bob Kovács',
        addresses: ['bob@contoso.example'],
        phones: [{ kind: 'cell', number: '+36 30 1' }],
      },
    ]);
    const recent = [
      'BEGIN:VCARD',
      'VERSION:4.0',
      'FN:Bob',
      'EMAIL;TYPE=work:bob@contoso.example',
      'ORG:Contoso;Research',
      'END:VCARD',
      '',
    ].join('\n');
    expect(await files.cards.read(recent, 10)).toMatchObject([
      { organisation: 'Contoso', department: 'Research' },
    ]);
    for (const text of ['', 'hello', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR'])
      await expect(files.cards.read(text, 10)).rejects.toMatchObject({ code: 'cards-unreadable' });
  });
});

describe('the ready-made group', () => {
  test('[CO8] holds manager and reports where the policy says so, and nobody is listed or told by it', async () => {
    expect((await org.contacts.groups(idOf('carol'), reader)).map(({ id }) => id)).toEqual([]);
    org.team.isOn = true;
    expect((await org.contacts.groups(idOf('carol'), reader)).map(({ name }) => name)).toEqual(['My team']);
    const team = async (name: 'carol' | 'alice') =>
      (await org.contacts.list(idOf(name), reader))
        .filter(({ groups }) => groups.includes('team'))
        .map(({ person }) => person.id);
    expect(await team('carol')).toEqual([idOf('alice'), idOf('bob'), idOf('dave'), idOf('erin')]);
    expect(await team('alice')).toEqual([idOf('carol')]);
    expect(await org.contacts.contactsOf(idOf('alice'))).toEqual([idOf('carol')]);
    expect(org.events).toEqual([]);
    const { contact } = await org.contacts.put(idOf('alice'), idOf('carol'), { groups: ['team'] }, reader);
    expect(contact).toMatchObject({ listed: true, groups: [] });
  });
});

describe('over HTTP', () => {
  let server: TestServer;
  let alice: Person;
  beforeEach(async () => {
    server = await startServer();
    alice = await server.as('alice');
  });
  afterEach(() => server.stop());

  test('[CO7] the file goes out as text/vcard and comes in as such, and as nothing else', async () => {
    const headers = { Authorization: `Bearer ${alice.token}` };
    const out = await server.fetch('/api/v1/me/contacts/export', { headers });
    expect(out.headers.get('content-type')).toBe('text/vcard; charset=utf-8');
    const text = await out.text();
    expect(text).toMatch(/^BEGIN:VCARD/);
    const post = (body: string, type: string) =>
      server.fetch('/api/v1/me/contacts/import', {
        method: 'POST',
        body,
        headers: { ...headers, 'Content-Type': type },
      });
    expect(await (await post(text, 'text/vcard')).json()).toEqual({ added: 0, changed: 0, skipped: [] });
    expect((await post(text, 'application/json')).status).toBe(415);
    expect((await post('x'.repeat(3_000_000), 'text/vcard')).status).toBe(413);
    expect(((await (await post('hello', 'text/vcard')).json()) as { code: string }).code).toBe(
      'cards-unreadable',
    );
  });
});
