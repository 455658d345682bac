/**
 * Forgetting a person (`jellybean erase-person`): what they said, sent and reacted with, whom they knew, how
 * they were present. A legal hold wins: then nothing is done. Run while no server runs on the store.
 */
import { DomainError } from '../domain/errors.ts';
import type { MessageId, UserId } from '../domain/ids.ts';
import { isTombstone, tombstoneOf } from '../domain/messages.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { MessageRow } from '../ports/store-conversations.ts';
import type { Message } from '../protocol/conversations.ts';
import type { Audit } from './audit.ts';
import { toInstant } from './conversation-views.ts';
import type { Retention } from './retention.ts';

const pageMessages = 200;

export interface Erased {
  readonly messages: number;
  readonly reactions: number;
  readonly files: number;
  readonly conversations: number;
}

/**
 * Erases a person. Their messages become tombstones, so that others' numbering and replies stand; call detail
 * records keep the id, which then names nobody. Throws `conflict` while a hold covers anything of theirs.
 */
export async function erasePerson(
  personId: UserId,
  {
    store,
    blobs,
    clock,
    retention,
    audit,
  }: {
    readonly store: Store;
    readonly blobs: Blobs;
    readonly clock: Clock;
    readonly retention: Retention;
    readonly audit: Audit;
  },
): Promise<Erased> {
  const now = clock.now();
  const conversations = await store.records.conversationsOf(personId);
  const held = await retention.heldConversations();
  const holds = (await store.records.holds()).filter((hold) => hold.personId === personId);
  const covered = conversations.filter((id) => held.has(id));
  if (holds.length > 0 || covered.length > 0)
    throw new DomainError(
      'conflict',
      `A legal hold covers ${holds.length > 0 ? 'this person' : `${covered.length} of their conversations`}; release it first.`,
    );

  const files: string[] = [];
  let [messages, reactions] = [0, 0];
  let after: MessageId | null = null;
  for (;;) {
    const rows: readonly MessageRow[] = await store.records.messagesBetween(
      0,
      Number.MAX_SAFE_INTEGER,
      after,
      pageMessages,
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
    const touched = rows.filter((row) => row.fromId === personId || row.json.includes(personId));
    if (touched.length === 0) continue;
    await store.transaction([...new Set(touched.map(({ conversationId }) => conversationId))], async (tx) => {
      for (const row of touched) {
        const message = JSON.parse(row.json) as Message;
        if (row.fromId === personId) {
          await tx.records.removeVersions(row.id);
          for (const { id } of await tx.records.attachmentsOf(row.id)) {
            await tx.conversations.removeAttachment(id);
            files.push(id);
          }
          if (isTombstone(message)) continue;
          const json = JSON.stringify(tombstoneOf(message, toInstant(now)));
          await tx.conversations.updateMessage({ ...row, json });
          messages += 1;
        } else if (!isTombstone(message)) {
          const kept = message.reactions
            .map(({ emoji, personIds }) => ({ emoji, personIds: personIds.filter((id) => id !== personId) }))
            .filter(({ personIds }) => personIds.length > 0);
          if (JSON.stringify(kept) === JSON.stringify(message.reactions)) continue;
          await tx.conversations.updateMessage({
            ...row,
            json: JSON.stringify({ ...message, reactions: kept }),
          });
          reactions += 1;
        }
      }
    });
  }
  for (const { id } of await store.records.uploadsOf(personId)) {
    await store.transaction([id], (tx) => tx.conversations.removeAttachment(id));
    files.push(id);
  }
  await store.transaction([personId, ...conversations], async (tx) => {
    for (const id of conversations) await tx.conversations.removeParticipant(id, personId, now);
    // Tokens that are still about become worthless; the standing itself names nobody any more.
    const standing = await tx.accounts.standing(personId);
    await tx.accounts.putStanding(personId, { generation: standing.generation + 1, disabled: true });
    await tx.records.erase(personId);
    await audit.recordIn(tx, personId, 'person.erased', { messages, reactions, files: files.length });
  });
  for (const key of files) await blobs.remove(key);
  return { messages, reactions, files: files.length, conversations: conversations.length };
}
