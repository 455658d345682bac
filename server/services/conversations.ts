/**
 * The life of a conversation: opening it, finding the one that exists, who takes part, invitations, filing.
 * What is said in it is `messages.ts`; who may do what is `domain/conversations.ts`.
 */
import {
  type Command,
  type Conversation as ConversationState,
  create as createState,
  decide,
  isRefusal,
  memberOf,
  notHere,
} from '../domain/conversations.ts';
import { DomainError } from '../domain/errors.ts';
import { type ConversationId, toConversationId, type UserId } from '../domain/ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Store, Transaction } from '../ports/store.ts';
import type { ConversationReads } from '../ports/store-conversations.ts';
import type { Conversation, ConversationContext, ConversationInput } from '../protocol/conversations.ts';
import type { ParticipantRole } from '../protocol/vocabulary.ts';
import { appendConversation, carryOut } from './conversation-changes.ts';
import { ownFields, toConversation } from './conversation-views.ts';
import { createDeliveries } from './deliveries.ts';
import { type CreatingResult, type IdempotentRequest, once } from './idempotency.ts';
import { createMessages, type Keeper, type Relationships, refuse } from './messages.ts';
import { newId } from './ordered-ids.ts';
import { createPersonNames } from './person-names.ts';

export interface ConversationPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly relationships: Relationships;
  readonly keeper: Keeper;
}

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations({
  store,
  bus,
  directory,
  clock,
  relationships,
  keeper,
}: ConversationPorts) {
  const names = createPersonNames(directory, clock);
  const messages = createMessages({ store, bus, clock, names, relationships, keeper });
  const deliveries = createDeliveries({ store, clock, names, relationships });
  const ringing = new Set<() => void>();

  async function view(
    reads: ConversationReads,
    state: ConversationState,
    viewerId: UserId,
  ): Promise<Conversation> {
    const viewer = memberOf(state, viewerId);
    if (viewer === null) throw refuse(notHere);
    const who = await names.of(state.participants.map(({ personId }) => personId));
    return toConversation(state, who, await ownFields(reads, state, viewer));
  }

  /** Loads, decides, saves and tells, in one transaction; answers with what the caller then sees. */
  async function change(
    conversationId: ConversationId,
    command: Command & { readonly byId: UserId },
  ): Promise<Conversation | null> {
    const now = clock.now();
    // Names are fetched before: a slow directory must not hold up everybody's writes.
    const known = await store.conversations.find(conversationId);
    if (known !== null) await names.of(known.participants.map(({ personId }) => personId));
    const after = await store.transaction([conversationId], async (tx) => {
      const before = await tx.conversations.find(conversationId);
      if (before === null) throw refuse(notHere);
      const decided = decide(before, command, now);
      if (isRefusal(decided)) throw refuse(decided);
      const state = await carryOut(tx, names, before, decided.events, command.byId, now);
      const stays = memberOf(state, command.byId) !== null;
      return { state, shown: stays ? await view(tx.conversations, state, command.byId) : null };
    });
    ring(after.state);
    return after.shown;
  }

  /** Lets go of an invitation that nobody answered, for everybody to see; after a restart too. */
  function ring(state: ConversationState): void {
    for (const { personId, ringsUntil } of state.participants)
      if (ringsUntil !== null) ringUntil(state.id, personId, ringsUntil);
  }

  function ringUntil(conversationId: ConversationId, personId: UserId, until: number): void {
    const cancel = clock.after(Math.max(0, until - clock.now()), () => {
      ringing.delete(cancel);
      const now = clock.now();
      store
        .transaction([conversationId], async (tx) => {
          const before = await tx.conversations.find(conversationId);
          if (before === null) return;
          const decided = decide(before, { type: 'ring-out', personId }, now);
          if (!isRefusal(decided)) await carryOut(tx, names, before, decided.events, personId, now);
        })
        // The store is down or closing: the next start finds the invitation still ringing and ends it then.
        .catch(() => {});
    });
    ringing.add(cancel);
  }

  /** The conversation that these people have already: between two without context, or about the same item. */
  async function existing(
    tx: Transaction,
    creatorId: UserId,
    others: readonly UserId[],
    context: ConversationContext | null,
  ): Promise<ConversationState | null> {
    const key = contextKey(context);
    if (key !== null) return tx.conversations.about(key, [creatorId, ...others]);
    const [other] = others;
    if (context !== null || others.length !== 1 || other === undefined) return null;
    return tx.conversations.twoParty(creatorId, other);
  }

  return {
    messages,

    /** An event stream's acknowledged cursor: everything up to it has reached this person (contract §5). */
    delivered: deliveries.acknowledge,

    /** Opens a conversation (201), or gives the one that exists (200); a first message is sent either way. */
    async create(
      creatorId: UserId,
      input: ConversationInput,
      idempotent: IdempotentRequest | null,
    ): Promise<CreatingResult> {
      const now = clock.now();
      const others = (await names.known(input.participants)).filter((id) => id !== creatorId);
      const context = input.context ?? null;
      await names.of([creatorId, ...others]);
      const id = toConversationId(newId(now));
      // Two who open the same conversation at once meet in one: they wait for each other on what identifies it.
      const lock = contextKey(context) ?? `people ${[creatorId, ...others].sort().join(' ')}`;
      let opened: ConversationState | null = null;
      const result = await store.transaction([lock, id], (tx) =>
        once(tx, creatorId, idempotent, now, async () => {
          let state = await existing(tx, creatorId, others, context);
          const found = state !== null;
          if (state === null) {
            const made = createState(
              {
                id,
                creatorId,
                others,
                subject: input.subject ?? null,
                context,
                importance: input.importance ?? 'normal',
                withheldFrom: blockers(others, creatorId),
              },
              now,
            );
            if (isRefusal(made)) throw refuse(made);
            state = made;
            await tx.conversations.insert(state, contextKey(context));
            const told = state.participants
              .filter(({ withheld }) => !withheld)
              .map(({ personId }) => personId);
            await appendConversation(tx, names, state, 'conversation.created', told);
            const invited = told.filter((personId) => personId !== creatorId);
            await appendConversation(tx, names, state, 'invitation.received', invited, { fromId: creatorId });
            opened = state;
          } else {
            const decided = decide(state, { type: 'open', byId: creatorId }, now);
            if (isRefusal(decided)) throw refuse(decided);
            state = await carryOut(tx, names, state, decided.events, creatorId, now);
          }
          let held: unknown;
          if (input.firstMessage !== undefined) {
            const sent = await messages.post(tx, state.id, creatorId, input.firstMessage, now);
            held = (JSON.parse(sent) as { held?: string[] }).held;
            state = (await tx.conversations.find(state.id)) ?? state;
          }
          const shown = await view(tx.conversations, state, creatorId);
          return {
            status: found ? 200 : 201,
            json: JSON.stringify(held === undefined ? shown : { ...shown, held }),
          };
        }),
      );
      if (opened !== null) ring(opened);
      return result;
    },

    /** One's conversations, the latest first. */
    async list(
      viewerId: UserId,
      limit: number,
      cursor: string | null,
    ): Promise<{ items: Conversation[]; next: string | null }> {
      const rows = await store.conversations.list(viewerId, limit + 1, parseCursor(cursor));
      const shown = rows.slice(0, limit);
      const items: Conversation[] = [];
      for (const row of shown) items.push(await view(store.conversations, row, viewerId));
      const last = items.at(-1);
      const next = rows.length > limit && last !== undefined ? formatCursor(last) : null;
      return { items, next };
    },

    async get(viewerId: UserId, id: ConversationId): Promise<Conversation> {
      const state = await store.conversations.find(id);
      if (state === null) throw refuse(notHere);
      return view(store.conversations, state, viewerId);
    },

    /** Renames for everybody, mutes and archives for oneself. */
    async update(
      byId: UserId,
      id: ConversationId,
      patch: {
        readonly subject?: string | null | undefined;
        readonly muted?: boolean | undefined;
        readonly archived?: boolean | undefined;
      },
    ): Promise<Conversation> {
      const { subject, muted, archived } = patch;
      if (subject !== undefined) await change(id, { type: 'rename', byId, subject });
      const filed = await change(id, {
        type: 'file',
        byId,
        ...(muted === undefined ? {} : { muted }),
        ...(archived === undefined ? {} : { archived }),
      });
      return filed!;
    },

    /** Adds people in place; a third turns two-party into a conference. Answers with the conversation then. */
    async add(
      byId: UserId,
      id: ConversationId,
      ids: readonly string[],
      shareHistory: boolean,
      idempotent: IdempotentRequest | null,
    ): Promise<CreatingResult> {
      const now = clock.now();
      // Before the directory is asked: a stranger to the conversation learns nothing of who exists.
      const standing = await store.conversations.participant(id, byId);
      if (standing === null || standing.withheld) throw refuse(notHere);
      const people = await names.known(ids);
      const known = await store.conversations.find(id);
      await names.of([...(known?.participants ?? []).map(({ personId }) => personId), ...people]);
      let after: ConversationState | null = null;
      const result = await store.transaction([id], (tx) =>
        once(tx, byId, idempotent, now, async () => {
          const before = await tx.conversations.find(id);
          if (before === null) throw refuse(notHere);
          const withheldFrom = blockers(people, byId);
          const command: Command = { type: 'add', byId, ids: people, shareHistory, withheldFrom };
          const decided = decide(before, command, now);
          if (isRefusal(decided)) throw refuse(decided);
          after = await carryOut(tx, names, before, decided.events, byId, now);
          return { status: 200, json: JSON.stringify(await view(tx.conversations, after, byId)) };
        }),
      );
      if (after !== null) ring(after);
      return result;
    },

    async remove(byId: UserId, id: ConversationId, personId: UserId): Promise<void> {
      await change(id, { type: 'remove', byId, personId });
    },

    async setRole(
      byId: UserId,
      id: ConversationId,
      personId: UserId,
      role: ParticipantRole,
    ): Promise<Conversation> {
      return (await change(id, { type: 'set-role', byId, personId, role }))!;
    },

    async answer(byId: UserId, id: ConversationId, answer: 'accept' | 'decline'): Promise<void> {
      await change(id, { type: 'answer', byId, answer });
    },

    /** Takes up what a stopped server left: invitations that still ring. */
    async start(): Promise<void> {
      for (const { conversationId, personId, until } of await store.conversations.ringing())
        ringUntil(conversationId, personId, until);
    },

    /** Lets timers go and waits for what is being written. */
    async close(): Promise<void> {
      for (const cancel of ringing) cancel();
      ringing.clear();
      await deliveries.close();
    },
  };

  function blockers(people: readonly UserId[], byId: UserId): ReadonlySet<UserId> {
    return new Set(people.filter((id) => relationships.blocks(id, byId)));
  }
}

/** What makes two contexts the same item: its id, else its address; the title alone identifies nothing. */
export function contextKey(context: ConversationContext | null): string | null {
  if (context?.itemId !== undefined) return `item ${context.itemId}`;
  if (context?.url !== undefined) return `url ${context.url}`;
  return null;
}

const formatCursor = ({ updatedAt, id }: Conversation): string =>
  Buffer.from(JSON.stringify([Date.parse(updatedAt), id])).toString('base64url');

function parseCursor(cursor: string | null): { updatedAt: number; id: ConversationId } | null {
  if (cursor === null) return null;
  try {
    const [updatedAt, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Number.isSafeInteger(updatedAt) && typeof id === 'string')
      return { updatedAt: updatedAt as number, id: toConversationId(id) };
  } catch {
    // Falls through: whatever it is, it is none of our cursors.
  }
  throw new DomainError('invalid-input', 'The cursor is not one that this list gave out.', {
    errors: [{ pointer: '/cursor', message: 'Not a cursor of this list' }],
  });
}
