/**
 * The archive as it leaves: JSON Lines with attachments and a hash chain, for auditors (what is archived or
 * held) or for one person (what is theirs). Streams: memory does not grow with the archive.
 */
import type { ConversationId, MessageId, UserId } from '../domain/ids.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Store } from '../ports/store.ts';
import type { ChangeRow, MessageRow } from '../ports/store-conversations.ts';
import type { Participation } from '../ports/store-records.ts';
import { createChain } from './archive-chain.ts';
import { toInstant } from './conversation-views.ts';
import type { Retention } from './retention.ts';

const pageMessages = 200;
/** Bytes of an attachment per line: a line stays readable by any tool. */
const partBytes = 48 * 1024;

export interface ArchiveScope {
  readonly from: number;
  readonly to: number;
  /** Only conversations in which this person has taken part. */
  readonly personId: UserId | null;
  /** `archived`: what policy or a hold keeps. `own`: everything this person could see or say. */
  readonly what: 'archived' | 'own';
  readonly byId: string;
}

export type Archive = ReturnType<typeof createArchive>;

export function createArchive({
  store,
  blobs,
  clock,
  directory,
  retention,
}: {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly retention: Retention;
}) {
  /** Decides per conversation, once, whether its messages belong to the export. */
  async function chooser({ personId, what }: ArchiveScope) {
    const own = personId === null ? null : new Set(await store.records.conversationsOf(personId));
    const held = await retention.heldConversations();
    const isArchived = await retention.archived(store);
    const decided = new Map<ConversationId, boolean>();
    return async (id: ConversationId): Promise<boolean> => {
      let chosen = decided.get(id);
      if (chosen === undefined) {
        chosen =
          (own === null || own.has(id)) &&
          (what === 'own' ||
            held.has(id) ||
            isArchived((await store.records.participations(id)).map((each) => each.personId)));
        decided.set(id, chosen);
      }
      return chosen;
    };
  }

  async function conversationRecord(
    id: ConversationId,
    scope: ArchiveScope,
  ): Promise<Record<string, unknown>> {
    const conversation = await store.conversations.find(id);
    const stays = await store.records.participations(id);
    const ids = [...new Set(stays.map(({ personId }) => personId))];
    const people = await directory.persons(ids);
    return {
      type: 'conversation',
      id,
      kind: conversation?.kind ?? null,
      subject: conversation?.subject ?? null,
      context: conversation?.context ?? null,
      createdAt: conversation === null ? null : toInstant(conversation.createdAt),
      people: ids.map((personId, index) => ({
        id: personId,
        displayName: people[index]?.displayName ?? '',
        address: people[index]?.address ?? '',
      })),
      participations: stays.map(({ personId, role, addedAt, joinedAt, leftAt }) => ({
        personId,
        role,
        addedAt: toInstant(addedAt),
        joinedAt: joinedAt === null ? null : toInstant(joinedAt),
        leftAt: leftAt === null ? null : toInstant(leftAt),
      })),
      changes: (await changesOf(id, stays, scope)).map(({ at, kind, personId, byId, subject }) => ({
        at: toInstant(at),
        kind,
        personId,
        byId,
        subject,
      })),
    };
  }

  /** Who came, went and called it what in the time of the export; for one person, while they took part. */
  async function changesOf(
    id: ConversationId,
    stays: readonly Participation[],
    { from, to, personId, what }: ArchiveScope,
  ): Promise<readonly ChangeRow[]> {
    const changes = await store.conversations.changes(id, from - 1, to - 1, Number.MAX_SAFE_INTEGER);
    if (what === 'archived') return changes;
    const own = stays.filter((stay) => stay.personId === personId);
    return changes.filter(({ at }) =>
      own.some(({ addedAt, leftAt }) => at >= addedAt && at <= (leftAt ?? at)),
    );
  }

  /** A message as it is, and what it said before; `own` leaves out what its owner can no longer see. */
  async function messageRecord(row: MessageRow, what: ArchiveScope['what']): Promise<string> {
    const versions = (await store.records.versions(row.id)).filter(
      ({ sealed }) => what === 'archived' || !sealed,
    );
    const earlier = versions.map(
      ({ at, byId, json, sealed }) =>
        `{"until":"${toInstant(at)}","byId":"${byId}","deleted":${sealed},"message":${json}}`,
    );
    return `{"type":"message","withheld":${row.withheld},"message":${row.json},"versions":[${earlier.join(',')}]}`;
  }

  async function* attachmentRecords(id: MessageId): AsyncGenerator<string> {
    for (const file of await store.records.attachmentsOf(id)) {
      const { id: attachmentId, name, size, mediaType, sha256 } = file;
      const content = await blobs.read(attachmentId);
      yield JSON.stringify({
        type: 'attachment',
        messageId: id,
        id: attachmentId,
        name,
        size,
        mediaType,
        sha256,
        missing: content === null,
      });
      if (content === null) continue;
      let part = 0;
      for await (const bytes of inParts(content, partBytes)) {
        const data = bytes.toString('base64');
        yield `{"type":"attachment-part","id":${JSON.stringify(attachmentId)},"part":${part},"data":"${data}"}`;
        part += 1;
      }
    }
  }

  return {
    /** The export, line by line; it ends with a line that says how many there are. */
    async *lines(scope: ArchiveScope): AsyncGenerator<string> {
      const chain = createChain();
      const { from, to, personId, what, byId } = scope;
      yield chain.line(
        JSON.stringify({
          type: 'archive',
          version: 1,
          organisation: store.epoch,
          what,
          from: toInstant(from),
          to: toInstant(to),
          personId,
          exportedAt: toInstant(clock.now()),
          exportedById: byId,
        }),
      );
      const isChosen = await chooser(scope);
      const shown = new Set<ConversationId>();
      const firstSeq = new Map<ConversationId, number>();
      let after: MessageId | null = null;
      for (;;) {
        const rows: readonly MessageRow[] = await store.records.messagesBetween(
          from,
          to,
          after,
          pageMessages,
        );
        const last = rows.at(-1);
        if (last === undefined) break;
        after = last.id;
        for (const row of rows) {
          if (!(await isChosen(row.conversationId))) continue;
          if (what === 'own' && personId !== null && row.fromId !== personId) {
            if (row.withheld) continue;
            const seen =
              firstSeq.get(row.conversationId) ?? (await firstVisible(row.conversationId, personId));
            firstSeq.set(row.conversationId, seen);
            if (row.seq < seen) continue;
          }
          if (!shown.has(row.conversationId)) {
            shown.add(row.conversationId);
            yield chain.line(JSON.stringify(await conversationRecord(row.conversationId, scope)));
          }
          yield chain.line(await messageRecord(row, what));
          for await (const record of attachmentRecords(row.id)) yield chain.line(record);
        }
      }
      yield chain.line(JSON.stringify({ type: 'end', lines: chain.count + 1 }));
    },
  };

  /** The first message that a person may see; of a conversation that they have left, none but their own. */
  async function firstVisible(id: ConversationId, personId: UserId): Promise<number> {
    const participant = await store.conversations.participant(id, personId);
    return participant === null || participant.withheld ? Number.MAX_SAFE_INTEGER : participant.firstSeq;
  }
}

/** Regroups a stream into pieces of one size, so that the lines do not depend on how a disk was read. */
async function* inParts(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const bytes of source) {
    waiting.push(bytes);
    length += bytes.length;
    if (length < size) continue;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; at + size <= all.length; at += size) yield all.subarray(at, at + size);
    waiting = [all.subarray(at)];
    length = all.length - at;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
