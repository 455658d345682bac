/**
 * Contact lists, groups, and what people grant each other (contract §4). A change and its events commit
 * together; presence is told afterwards and moves watchers to their new class.
 */
import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { toGroupId, toUserId, type UserId } from '../domain/ids.ts';
import type { Disclosed } from '../domain/privacy.ts';
import type { Reader } from '../domain/reader.ts';
import type { Bus } from '../ports/bus.ts';
import type { Card } from '../ports/cards.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory, PersonRecord } from '../ports/directory.ts';
import type { Store, Transaction } from '../ports/store.ts';
import type { ContactRow, GroupRow } from '../ports/store-contacts.ts';
import type { Contact, ContactInput, Group, GroupPatch, ImportAnswer, Person } from '../protocol/contacts.ts';
import { type Language, limits, teamGroupId } from '../protocol/vocabulary.ts';
import { createAlerts } from './alerts.ts';
import { type CreatingResult, type IdempotentRequest, once } from './idempotency.ts';
import { createListedContacts } from './listed-contacts.ts';
import type { PresenceService } from './presence.ts';

export type Contacts = Awaited<ReturnType<typeof createContacts>>;

/** Loads the armed alerts and starts. */
export async function createContacts(options: {
  store: Store;
  bus: Bus;
  directory: Directory;
  clock: Clock;
  presence: PresenceService;
  onError: (error: unknown) => void;
  /** Whether manager and reports are a ready-made group of everybody (policy). */
  hasTeamGroup: () => boolean;
}) {
  const { store, bus, directory, clock, presence, onError, hasTeamGroup } = options;
  // Before the event stream subscribes, so that what it reads on the same notice is read anew.
  const listed = createListedContacts({ store, bus });
  const alerts = await createAlerts({ store, clock, presence, directory, onError, contactOf });

  /** A contact as its owner sees it: the entry, the relationship that they grant, and the view that they get. */
  function contactOf(row: ContactRow, record: PersonRecord, reader: Reader): Contact {
    const watcher = presence.asWatcher(row.ownerId);
    const person: Disclosed<Person> = presence.personFor(record, watcher);
    return {
      person,
      groups: [...row.groups],
      relationship: presence.relationshipOf(row.ownerId, row.personId),
      alert: row.alertSetAt !== null,
      listed: row.listed,
      view: presence.view(row.personId, presence.disclosureClass(row.personId, watcher), reader, row.ownerId),
    };
  }

  /** Manager and reports, where the policy makes them a group. */
  async function teamOf(userId: UserId): Promise<readonly PersonRecord[]> {
    if (!hasTeamGroup()) return [];
    const [own] = await directory.persons([userId]);
    if (own == null) return [];
    const [managers, reports] = await Promise.all([
      own.managerId === null ? [] : directory.persons([own.managerId]),
      directory.reports(userId),
    ]);
    return [...managers.flatMap((one) => one ?? []), ...reports].slice(0, teamMost);
  }

  async function recordOf(id: string): Promise<PersonRecord> {
    const [record] = await directory.persons([id]);
    if (record == null) throw new DomainError('not-found', 'There is no such person in the directory.');
    return record;
  }

  function appendChanged(tx: Transaction, row: ContactRow, contact: Contact): void {
    const removed = !row.listed && row.relationship === null;
    tx.appendEvent({
      type: 'contact.changed',
      recipients: [row.ownerId],
      body: removed ? { contact, removed } : { contact },
    });
  }

  /**
   * A group has no event of its own: that one of its people changed makes every client of the owner read the
   * list and the groups anew. A group without people shows the same in every order.
   */
  async function tellOfGroup(tx: Transaction, group: GroupRow, reader: Reader): Promise<void> {
    const member = (await tx.contacts.list(group.ownerId)).find(({ groups }) => groups.includes(group.id));
    if (member === undefined) return;
    const [record] = await directory.persons([member.personId]);
    if (record != null) appendChanged(tx, member, contactOf(member, record, reader));
  }

  /** Tells the memory of this node what was committed, and the owner's streams whom to watch. */
  function afterCommit(before: ContactRow | null, after: ContactRow | null, row: ContactRow): void {
    presence.contactChanged(row.ownerId, row.personId, after);
    alerts.changed(row.ownerId, row.personId, after);
    const { ownerId, personId } = row;
    bus.publish({ kind: 'contact', ownerId, personId, nodeId: bus.nodeId });
    if ((before?.listed ?? false) === (after?.listed ?? false)) return;
    listed.changed(row.ownerId);
    bus.publish({ kind: 'contacts', personId: row.ownerId });
  }

  /** Takes over a row as the store has it now. */
  function adopt(ownerId: UserId, personId: UserId, row: ContactRow | null): void {
    presence.contactChanged(ownerId, personId, row);
    alerts.changed(ownerId, personId, row);
  }

  async function reload(ownerId: UserId, personId: UserId): Promise<void> {
    adopt(ownerId, personId, await store.contacts.find(ownerId, personId));
  }

  /** After a gap: every row, and those that are gone. */
  async function reloadAll(): Promise<void> {
    const gone = new Set(presence.grantedPairs().map((pair) => pair.join(' ')));
    for await (const row of store.contacts.all()) {
      gone.delete(`${row.ownerId} ${row.personId}`);
      adopt(row.ownerId, row.personId, row);
    }
    for (const pair of gone) {
      const [ownerId, personId] = pair.split(' ') as [UserId, UserId];
      adopt(ownerId, personId, null);
    }
  }

  bus.subscribe((notice) => {
    if (notice.kind === 'contact' && notice.nodeId !== bus.nodeId)
      reload(notice.ownerId, notice.personId).catch(onError);
  });
  bus.onGap(() => {
    reloadAll().catch(onError);
  });

  return {
    /** Whom someone's streams watch from the start; their entries are in memory when it resolves. */
    async contactsOf(userId: UserId): Promise<readonly UserId[]> {
      const team = await teamOf(userId);
      const contacts = await listed.of(userId);
      const ids = team.length === 0 ? contacts : [...new Set([...contacts, ...team.map(({ id }) => id)])];
      await presence.know([userId, ...ids]);
      return ids;
    },

    /** Everybody on the list, and everybody who is granted something out of the ordinary, by name. */
    async list(userId: UserId, reader: Reader): Promise<Contact[]> {
      presence.heard(userId, reader);
      const rows = await store.contacts.list(userId);
      const records = await directory.persons([userId, ...rows.map(({ personId }) => personId)]);
      const contacts: Contact[] = [];
      await presence.know([userId]);
      for (const [at, row] of rows.entries()) {
        const record = records[at + 1];
        // Someone who left the directory is nobody's contact until they return; the row waits.
        if (record != null) contacts.push(contactOf(row, record, reader));
      }
      for (const record of await teamOf(userId)) {
        const known = contacts.find(({ person }) => person.id === record.id);
        if (known !== undefined) known.groups.push(teamGroupId);
        else contacts.push(contactOf(teamRow(userId, record.id), record, reader));
      }
      const collator = new Intl.Collator(reader.language);
      return contacts.sort((a, b) => collator.compare(a.person.displayName, b.person.displayName));
    },

    /** Lists a person, or changes what is said of them. Blocking a stranger puts nobody on the list. */
    async put(
      userId: UserId,
      id: string,
      input: ContactInput,
      reader: Reader,
    ): Promise<{ contact: Contact; created: boolean }> {
      presence.heard(userId, reader);
      const record = await recordOf(id);
      const personId = record.id;
      if (personId === userId) throw new DomainError('not-yourself', 'You cannot be your own contact.');
      await presence.know([userId, personId]);
      const [owner] = await directory.persons([userId]);
      const now = clock.now();
      const { before, row, contact } = await store.transaction([userId], async (tx) => {
        const before = await tx.contacts.find(userId, personId);
        const onlyBlocks =
          input.relationship === 'blocked' && input.groups === undefined && input.alert !== true;
        const listed = (before?.listed ?? false) || !onlyBlocks;
        if (listed && !before?.listed) {
          const mine = await tx.contacts.list(userId);
          if (mine.filter((each) => each.listed).length >= limits.contacts)
            throw new DomainError(
              'too-many-contacts',
              `The list holds ${limits.contacts} people; remove one first.`,
            );
        }
        if (input.groups !== undefined) {
          const groups = new Set((await tx.contacts.groups(userId)).map((group) => group.id as string));
          const unknown = input.groups.find((group) => group !== teamGroupId && !groups.has(group));
          if (unknown !== undefined)
            throw new DomainError('unknown-group', `You have no group "${unknown}".`);
        }
        const blocks = input.relationship === 'blocked';
        const row: ContactRow = {
          ownerId: userId,
          personId,
          groups:
            input.groups === undefined
              ? (before?.groups ?? [])
              : [...new Set(input.groups.filter((group) => group !== teamGroupId).map(toGroupId))],
          relationship: input.relationship ?? before?.relationship ?? null,
          alertSetAt:
            input.alert === undefined
              ? (before?.alertSetAt ?? null)
              : input.alert
                ? (before?.alertSetAt ?? now)
                : null,
          listed,
          addedAt: before?.listed ? before.addedAt : now,
          frozen: blocks
            ? (before?.frozen ?? presence.leftWith(userId, personId))
            : input.relationship === undefined
              ? (before?.frozen ?? null)
              : null,
        };
        await tx.contacts.put(row);
        const contact = {
          ...contactOf(row, record, reader),
          ...(row.relationship === null ? {} : { relationship: row.relationship }),
        };
        appendChanged(tx, row, contact);
        // PV5: who blocked the one that adds them is not told, and learns nothing.
        if (row.listed && !before?.listed && !presence.blocks(personId, userId) && owner != null)
          tx.appendEvent({
            type: 'contact.added-you',
            recipients: [personId],
            body: { person: { id: owner.id, displayName: owner.displayName, address: owner.address } },
          });
        return { before, row, contact };
      });
      afterCommit(before, row, row);
      return { contact, created: before === null || (!before.listed && row.listed) };
    },

    /**
     * Takes a person off the list, and with that everything said of them, save that blocking stays until it
     * is taken back: by granting something else, or by removing who is no longer listed.
     */
    async remove(userId: UserId, id: string): Promise<void> {
      const personId = toUserId(id.toLowerCase());
      const [record] = await directory.persons([personId]);
      await presence.know([userId, personId]);
      const { before, after } = await store.transaction([userId], async (tx) => {
        const before = await tx.contacts.find(userId, personId);
        if (before === null) throw new DomainError('not-found', 'This person is not on your list.');
        const keepsBlock = before.listed && before.relationship === 'blocked';
        const gone = { ...before, listed: false, groups: [], alertSetAt: null };
        const after: ContactRow | null = keepsBlock ? gone : null;
        if (after === null) await tx.contacts.remove(userId, personId);
        else await tx.contacts.put(after);
        if (record != null) {
          const shown = { ...gone, relationship: keepsBlock ? ('blocked' as const) : null };
          appendChanged(tx, shown, contactOf(shown, record, presence.readerOf(userId)));
        }
        return { before, after };
      });
      afterCommit(before, after, before);
    },

    /** One's groups in their order; the ready-made one last. */
    async groups(userId: UserId, reader: Reader): Promise<Group[]> {
      const groups = (await store.contacts.groups(userId)).map(groupWire);
      if (hasTeamGroup())
        groups.push({
          id: teamGroupId,
          name: teamNames[reader.language],
          position: groups.length,
          order: null,
        });
      return groups;
    },

    /** One's list as address cards, each with what this person shows. */
    async cards(userId: UserId, reader: Reader): Promise<Card[]> {
      const names = new Map((await this.groups(userId, reader)).map(({ id, name }) => [id, name]));
      const contacts = await this.list(userId, reader);
      return contacts
        .filter((contact) => contact.listed)
        .map(({ person, groups }) => ({
          name: person.displayName,
          addresses: [person.address, ...person.addresses.filter((address) => address !== person.address)],
          categories: groups.filter((id) => id !== teamGroupId).map((id) => names.get(id) ?? ''),
          phones: [
            { kind: 'work' as const, number: person.phones.work },
            { kind: 'cell' as const, number: person.phones.mobile },
            { kind: 'home' as const, number: person.phones.home },
          ].flatMap(({ kind, number }) => (number === null ? [] : [{ kind, number }])),
          title: person.title,
          organisation: person.company,
          department: person.department,
        }));
    },

    /** Adds everybody on the cards whom the directory knows; their categories become groups. Repeating it changes nothing. */
    async importCards(userId: UserId, cards: readonly Card[], reader: Reader): Promise<ImportAnswer> {
      const asked = cards.flatMap(({ addresses }) => addresses);
      const found = new Map<string, PersonRecord>();
      for (let first = 0; first < asked.length; first += limits.idsPerQuery) {
        const page = asked.slice(first, first + limits.idsPerQuery);
        for (const [at, record] of (await directory.resolve(page)).entries())
          if (record !== null) found.set(page[at]!, record);
      }
      const groups = new Map(
        (await store.contacts.groups(userId)).map(({ name, id }) => [name, id as string]),
      );
      const answer: ImportAnswer = { added: 0, changed: 0, skipped: [] };
      for (const card of cards) {
        const address = card.addresses.find((one) => found.has(one));
        const record = address === undefined ? undefined : found.get(address);
        const skip = (reason: ImportAnswer['skipped'][number]['reason']) =>
          answer.skipped.push({ name: card.name, address: card.addresses[0] ?? null, reason });
        if (card.addresses.length === 0) skip('no-address');
        else if (record === undefined) skip('not-in-directory');
        else if (record.id === userId) skip('yourself');
        else
          try {
            const ids: string[] = [];
            for (const name of card.categories) {
              if (!groups.has(name) && groups.size < limits.groups) {
                const { json } = await this.addGroup(userId, { name }, null);
                groups.set(name, (JSON.parse(json) as Group).id);
              }
              const id = groups.get(name);
              if (id !== undefined) ids.push(id);
            }
            const before = await store.contacts.find(userId, record.id);
            const merged = [...new Set([...(before?.groups ?? []), ...ids])];
            if (before?.listed && merged.length === before.groups.length) continue;
            const { created } = await this.put(userId, record.id, { groups: merged }, reader);
            if (created) answer.added += 1;
            else answer.changed += 1;
          } catch (error) {
            if (!(error instanceof DomainError) || error.code !== 'too-many-contacts') throw error;
            skip('list-full');
          }
      }
      return answer;
    },

    /** Makes a group at the end of the list, or at a position. */
    async addGroup(
      userId: UserId,
      input: { name: string; position?: number | undefined },
      idempotent: IdempotentRequest | null,
    ): Promise<CreatingResult> {
      return store.transaction([userId], (tx) =>
        once(tx, userId, idempotent, clock.now(), async () => {
          const groups = await tx.contacts.groups(userId);
          if (groups.length >= limits.groups)
            throw new DomainError('too-many-groups', `There are ${groups.length} groups; remove one first.`);
          const row: GroupRow = {
            id: toGroupId(randomUUID()),
            ownerId: userId,
            name: input.name,
            position: Math.min(input.position ?? groups.length, groups.length),
            order: null,
          };
          await place(tx, groups, row);
          return { status: 201, json: JSON.stringify(groupWire(row)) };
        }),
      );
    },

    /** Renames a group, moves it (the others make room), or puts its people in an order by hand; one's clients are told. */
    async changeGroup(userId: UserId, id: string, change: GroupPatch, reader: Reader): Promise<Group> {
      return store.transaction([userId], async (tx) => {
        const groups = await tx.contacts.groups(userId);
        const found = groupIn(groups, id);
        const row: GroupRow = {
          ...found,
          name: change.name ?? found.name,
          position: Math.min(change.position ?? found.position, groups.length - 1),
          order:
            change.order === undefined
              ? found.order
              : change.order && [...new Set(change.order.map((one) => toUserId(one.toLowerCase())))],
        };
        await place(
          tx,
          groups.filter((group) => group.id !== row.id),
          row,
        );
        await tellOfGroup(tx, row, reader);
        return groupWire(row);
      });
    },

    /** Removes a group; its people stay contacts. */
    async removeGroup(userId: UserId, id: string): Promise<void> {
      await store.transaction([userId], async (tx) => {
        const groups = await tx.contacts.groups(userId);
        await tx.contacts.removeGroup(userId, groupIn(groups, id).id);
      });
    },

    /** Who has this person as a contact, and on what terms this person shows themselves to them. */
    async listedBy(userId: UserId): Promise<readonly UserId[]> {
      const rows = await store.contacts.about(userId);
      return rows.filter(({ listed }) => listed).map(({ ownerId }) => ownerId);
    },
  };
}

const teamMost = 200;
const teamNames = {
  en: 'My team',
  de: 'Mein Team',
  fr: 'Mon équipe',
  'zh-Hant': '我的團隊',
} as const satisfies Record<Language, string>;

/** What a person of the team would be as a contact, without being listed. */
const teamRow = (ownerId: UserId, personId: UserId): ContactRow => ({
  ownerId,
  personId,
  groups: [toGroupId(teamGroupId)],
  relationship: null,
  alertSetAt: null,
  listed: false,
  addedAt: 0,
  frozen: null,
});

const groupWire = ({ id, name, position, order }: GroupRow): Group => ({
  id,
  name,
  position,
  order: order === null ? null : [...order],
});

function groupIn(groups: readonly GroupRow[], id: string): GroupRow {
  const found = groups.find((group) => (group.id as string) === id);
  if (found === undefined) throw new DomainError('not-found', 'There is no such group of yours.');
  return found;
}

/** Puts a group at its position among the others and numbers all of them gaplessly from 0. */
async function place(tx: Transaction, others: readonly GroupRow[], row: GroupRow): Promise<void> {
  const ordered = [...others].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
  ordered.splice(row.position, 0, row);
  for (const [position, group] of ordered.entries())
    if (group === row || group.position !== position) await tx.contacts.putGroup({ ...group, position });
}
