/**
 * Whom does the page concern? The only file that knows SharePoint's and Graph's answers. It fetches by functions
 * that are given to it, so that it can be tried without SharePoint, and imports nothing of Microsoft's.
 */
import type { PagePerson, PageTopic } from './jellybean/page-api';

export type PeopleSource = 'members' | 'group' | 'page' | 'chosen';

/** The slice of the page's context that is needed; ids are undefined where the page is no item of a list. */
export interface PagePlace {
  readonly webUrl: string;
  readonly siteId: string;
  readonly webId: string;
  readonly groupId: string | undefined;
  readonly listId: string | undefined;
  readonly itemId: number | undefined;
  readonly path: string;
  readonly title: string;
}

/** Reads JSON; rejects with a `Refusal` where the answer is no success. */
export interface Reader {
  /** SharePoint's REST, by full address. */
  site(url: string): Promise<unknown>;
  /** Microsoft Graph, by path such as `/groups/…`. */
  graph(path: string): Promise<unknown>;
}

export class Refusal extends Error {
  public constructor(public readonly status: number) {
    super(String(status));
    // Compiled classes lose their prototype where an older compiler extends Error.
    Object.setPrototypeOf(this, Refusal.prototype);
  }
}

export interface PeopleRequest {
  readonly source: PeopleSource;
  readonly groupId: string;
  /** As typed: addresses, one to a line or separated by commas. */
  readonly chosen: string;
}

/** What is said in the reader's language; the property pane's words hold them. */
export interface PeopleWords {
  readonly author: string;
  readonly editor: string;
  readonly owner: string;
  readonly notOnPage: string;
  readonly noGroup: string;
}

const groupPage = 200;
/** A part that shows more than this shows nobody. */
const mostPeople = 1_000;
const versionsRead = 50;

/** Finds them. Rejects with an Error whose message may be shown, or a `Refusal`. */
export async function findPeople(
  request: PeopleRequest,
  place: PagePlace,
  read: Reader,
  words: PeopleWords,
): Promise<PagePerson[]> {
  switch (request.source) {
    case 'chosen':
      return chosenPeople(request.chosen);
    case 'page':
      return pagePeople(place, read, words);
    case 'group': {
      const id = request.groupId || place.groupId;
      if (!id) throw new Error(words.noGroup);
      return groupPeople(id, read);
    }
    case 'members':
      return sitePeople(place, read, words);
  }
}

/** Takes addresses out of what was typed: `Name <address>` and addresses alone. */
export function chosenPeople(typed: string): PagePerson[] {
  return unite(
    typed.split(/[\n;,]+/).map((line) => {
      const named = /^(.*)<([^<>]+)>\s*$/.exec(line);
      return { name: (named?.[1] ?? '').trim(), address: (named?.[2] ?? line).trim() };
    }),
  );
}

interface SiteUser {
  readonly Title?: string;
  readonly Email?: string;
  readonly LoginName?: string;
  readonly UserPrincipalName?: string | null;
  /** 1 = a user; security groups, SharePoint groups and “everyone” have others. */
  readonly PrincipalType?: number;
}

/**
 * The site's owners and members. On a site with a Microsoft 365 group these two groups hold the group itself,
 * whose members Graph knows; without the permission for that, those who are named are shown.
 */
async function sitePeople(place: PagePlace, read: Reader, words: PeopleWords): Promise<PagePerson[]> {
  const select = '$select=Title,Email,LoginName,UserPrincipalName,PrincipalType';
  const ask = async (group: string): Promise<readonly SiteUser[]> =>
    rowsOf<SiteUser>(await read.site(`${place.webUrl}/_api/web/${group}/users?${select}`));
  const [owners, members] = await Promise.all([
    // Members of a site may be kept from seeing who owns it.
    ask('associatedownergroup').catch(() => []),
    ask('associatedmembergroup'),
  ]);
  const named = [
    ...owners.filter(isUser).map((user) => ({ ...personOf(user), role: words.owner })),
    ...members.filter(isUser).map(personOf),
  ];
  const hasGroup = members.some((user) => isGroupClaim(user.LoginName));
  const grouped = hasGroup && place.groupId ? await groupPeople(place.groupId, read).catch(() => []) : [];
  return unite([...named, ...grouped]);
}

const isUser = (user: SiteUser): boolean =>
  user.PrincipalType === 1 && !/^(c:0\(\.s\||app@|SHAREPOINT\\)/i.test(user.LoginName ?? '');
/** `c:0o.c|federateddirectoryclaimprovider|<group id>`, with `_o` behind it for its owners. */
const isGroupClaim = (login: string | undefined): boolean =>
  (login ?? '').toLowerCase().includes('federateddirectoryclaimprovider');

function personOf(user: SiteUser): PagePerson {
  // `i:0#.f|membership|megan@contoso.com`
  const login = (user.LoginName ?? '').split('|').pop() ?? '';
  const address = user.Email || user.UserPrincipalName || (login.includes('@') ? login : '');
  return { name: user.Title ?? '', address };
}

/** Members of a Microsoft 365 group, nested groups resolved; the reader needs GroupMember.Read.All. */
async function groupPeople(groupId: string, read: Reader): Promise<PagePerson[]> {
  const people: PagePerson[] = [];
  let path: string | undefined =
    `/groups/${encodeURIComponent(groupId)}/transitiveMembers/microsoft.graph.user?$select=displayName,mail,userPrincipalName&$top=${groupPage}`;
  while (path !== undefined && people.length < mostPeople) {
    const answer = (await read.graph(path)) as {
      value?: { displayName?: string; mail?: string | null; userPrincipalName?: string }[];
      '@odata.nextLink'?: string;
    };
    for (const user of answer.value ?? []) {
      people.push({ name: user.displayName ?? '', address: user.mail || user.userPrincipalName || '' });
    }
    path = answer['@odata.nextLink']?.replace(/^https:\/\/[^/]+\/(v1\.0|beta)/, '');
  }
  return unite(people);
}

interface Named {
  readonly Title?: string;
  readonly EMail?: string;
  readonly Name?: string;
}

/** Who wrote the page and who has changed it since, newest first. */
async function pagePeople(place: PagePlace, read: Reader, words: PeopleWords): Promise<PagePerson[]> {
  const { listId, itemId, webUrl } = place;
  if (listId === undefined || itemId === undefined) throw new Error(words.notOnPage);
  const item = `${webUrl}/_api/web/lists(guid'${listId}')/items(${itemId})`;
  const [page, versions] = await Promise.all([
    read.site(
      `${item}?$select=Author/Title,Author/EMail,Author/Name,Editor/Title,Editor/EMail,Editor/Name&$expand=Author,Editor`,
    ) as Promise<{ Author?: Named; Editor?: Named }>,
    // Versions are a second source; a reader without the right to them sees author and last editor.
    read
      .site(`${item}/versions?$select=Editor&$top=${versionsRead}`)
      .then((answer) => rowsOf<{ Editor?: { LookupValue?: string; Email?: string } }>(answer))
      .catch(() => []),
  ]);
  const named = (one: Named | undefined, role: string): PagePerson[] =>
    one === undefined
      ? []
      : [{ ...personOf({ Title: one.Title, Email: one.EMail, LoginName: one.Name }), role }];
  return unite([
    ...named(page.Author, words.author),
    ...named(page.Editor, words.editor),
    ...versions.map(({ Editor: editor }) => ({
      name: editor?.LookupValue ?? '',
      address: editor?.Email ?? '',
      role: words.editor,
    })),
  ]);
}

/** What a chat about the page is about: the same for everybody, whatever the page is called today. */
export function topicOf(place: PagePlace): PageTopic {
  const url = new URL(place.path, place.webUrl).href;
  const item = place.itemId === undefined ? url : `${place.listId}/${place.itemId}`;
  return {
    title: place.title.slice(0, 200),
    url: url.slice(0, 2_000),
    itemId: `sharepoint:${place.siteId}/${place.webId}/${item}`.slice(0, 1_000),
  };
}

/** The people of a cell: an array for one person and for several, as lists hand it over. */
export function peopleOfField(value: unknown): PagePerson[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : value ? [value] : [];
  return all.flatMap((one) => {
    if (typeof one === 'string')
      return one.trim() === '' ? [] : [{ name: one, address: one.includes('@') ? one : '' }];
    if (typeof one !== 'object' || one === null) return [];
    const { title, lookupValue, email, sip } = one as Record<string, unknown>;
    const text = (given: unknown): string => (typeof given === 'string' ? given.trim() : '');
    const person = { name: text(title) || text(lookupValue), address: text(email) || text(sip) };
    return person.name === '' && person.address === '' ? [] : [person];
  });
}

/** Rows of an answer, with OData's wrapping or without. */
function rowsOf<Row>(answer: unknown): readonly Row[] {
  const { value, d } = (answer ?? {}) as { value?: Row[]; d?: { results?: Row[] } };
  return value ?? d?.results ?? [];
}

/** Each once, by address; who has none, by name. */
function unite(people: readonly PagePerson[]): PagePerson[] {
  const known = new Map<string, PagePerson>();
  for (const person of people) {
    const key = (person.address || `name ${person.name}`).toLowerCase();
    if ((person.address || person.name) !== '' && !known.has(key)) known.set(key, person);
  }
  return Array.from(known.values()).slice(0, mostPeople);
}
