/** Whom SharePoint's answers name, tried on answers in its own shape. */
import {
  chosenPeople,
  findPeople,
  type PagePlace,
  type PeopleRequest,
  peopleOfField,
  type Reader,
  Refusal,
  topicOf,
} from './people';

const place: PagePlace = {
  webUrl: 'https://contoso.sharepoint.com/sites/launch',
  siteId: 'aaaa',
  webId: 'bbbb',
  groupId: '11111111-2222-4333-8444-555555555555',
  listId: 'cccc',
  itemId: 7,
  path: '/sites/launch/SitePages/Plan.aspx',
  title: 'Plan',
};
const words = {
  author: 'Author',
  editor: 'Editor',
  owner: 'Owner',
  notOnPage: 'no page',
  noGroup: 'no group',
};
const ask = (source: PeopleRequest['source'], more: Partial<PeopleRequest> = {}): PeopleRequest => ({
  source,
  groupId: '',
  chosen: '',
  ...more,
});

/** Answers by what the address contains; everything else is refused. */
function reader(answers: Record<string, unknown>): Reader & { asked: string[] } {
  const asked: string[] = [];
  const answer = async (url: string): Promise<unknown> => {
    asked.push(url);
    const found = Object.keys(answers).find((part) => url.includes(part));
    if (found === undefined) throw new Refusal(403);
    return answers[found];
  };
  return { asked, site: answer, graph: answer };
}

const user = (name: string, extra: object = {}): object => ({
  Title: name,
  Email: `${name.toLowerCase()}@contoso.com`,
  LoginName: `i:0#.f|membership|${name.toLowerCase()}@contoso.com`,
  PrincipalType: 1,
  ...extra,
});

describe('members of the site', () => {
  test('[OF60] owners come first, groups and systems are nobody', async () => {
    const read = reader({
      associatedownergroup: { value: [user('Carol')] },
      associatedmembergroup: {
        value: [user('Bob'), user('Carol'), user('Everyone', { PrincipalType: 4, LoginName: 'c:0(.s|true' })],
      },
    });
    expect(await findPeople(ask('members'), place, read, words)).toEqual([
      { name: 'Carol', address: 'carol@contoso.com', role: 'Owner' },
      { name: 'Bob', address: 'bob@contoso.com' },
    ]);
  });

  test('[OF60] a site with a Microsoft 365 group shows the members of the group', async () => {
    const read = reader({
      associatedmembergroup: {
        value: [
          {
            Title: 'Launch Members',
            PrincipalType: 4,
            LoginName: 'c:0o.c|federateddirectoryclaimprovider|1111',
          },
        ],
      },
      transitiveMembers: {
        value: [{ displayName: 'Dan', mail: null, userPrincipalName: 'dan@contoso.com' }],
      },
    });
    expect(await findPeople(ask('members'), place, read, words)).toEqual([
      { name: 'Dan', address: 'dan@contoso.com' },
    ]);
  });

  test('[OF60] who may not see the members is told so', async () => {
    await expect(findPeople(ask('members'), place, reader({}), words)).rejects.toBeInstanceOf(Refusal);
  });
});

describe('a group', () => {
  test('[OF60] is read page by page', async () => {
    const read = reader({
      $skiptoken: { value: [{ displayName: 'Two', mail: 'two@contoso.com' }] },
      transitiveMembers: {
        value: [{ displayName: 'One', mail: 'one@contoso.com' }],
        '@odata.nextLink': 'https://graph.microsoft.com/v1.0/groups/x/more?$skiptoken=1',
      },
    });
    const people = await findPeople(ask('group', { groupId: 'x' }), place, read, words);
    expect(people.map(({ name }) => name)).toEqual(['One', 'Two']);
    expect(read.asked[1]).toBe('/groups/x/more?$skiptoken=1');
  });

  test('[OF60] without one the reader is told', async () => {
    const nowhere = { ...place, groupId: undefined };
    await expect(findPeople(ask('group'), nowhere, reader({}), words)).rejects.toThrow('no group');
  });
});

describe('the page', () => {
  test('[OF60] has its author, its editors and those before them, each once', async () => {
    const read = reader({
      '/versions': { value: [{ Editor: { LookupValue: 'Dan', Email: 'dan@contoso.com' } }] },
      $expand: {
        Author: { Title: 'Ann', EMail: 'ann@contoso.com' },
        Editor: { Title: 'Ben', EMail: '', Name: 'i:0#.f|membership|ben@contoso.com' },
      },
    });
    expect(await findPeople(ask('page'), place, read, words)).toEqual([
      { name: 'Ann', address: 'ann@contoso.com', role: 'Author' },
      { name: 'Ben', address: 'ben@contoso.com', role: 'Editor' },
      { name: 'Dan', address: 'dan@contoso.com', role: 'Editor' },
    ]);
  });

  test('[OF60] elsewhere there is none', async () => {
    const home = { ...place, itemId: undefined };
    await expect(findPeople(ask('page'), home, reader({}), words)).rejects.toThrow('no page');
  });

  test('[OF61] is the same topic for everybody', () => {
    expect(topicOf(place)).toEqual({
      title: 'Plan',
      url: 'https://contoso.sharepoint.com/sites/launch/SitePages/Plan.aspx',
      itemId: 'sharepoint:aaaa/bbbb/cccc/7',
    });
  });
});

test('[OF60] chosen people are typed in any common way', () => {
  expect(chosenPeople('ann@contoso.com\nBen Low <ben@contoso.com>; ANN@contoso.com,\n')).toEqual([
    { name: '', address: 'ann@contoso.com' },
    { name: 'Ben Low', address: 'ben@contoso.com' },
  ]);
});

test.each([
  [
    [
      { title: 'Ann', email: 'ann@contoso.com' },
      { title: 'Ben', email: 'ben@contoso.com' },
    ],
    2,
  ],
  [{ lookupValue: 'Ann', sip: 'ann@contoso.com' }, 1],
  ['ann@contoso.com', 1],
  ['', 0],
  [null, 0],
  [[{ id: 3 }], 0],
])('[OF62] a cell with %j holds %i people', (value, count) => {
  const people = peopleOfField(value);
  expect(people).toHaveLength(count);
  for (const { address } of people) expect(address).toContain('@contoso.com');
});
