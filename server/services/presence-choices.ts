/**
 * What a person chooses by hand: manual state, note, absence. Durable before it is answered (PA23), and a
 * manual state that ends says so (PA29). Part of services/presence.ts, which reckons anew after each choice.
 */
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { OutOfOffice, Preferred } from '../domain/presence.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { PersonalPresence } from '../ports/store-presence.ts';
import type {
  NoteInput,
  OutOfOfficeAnswer,
  OutOfOfficeInput,
  PreferredInput,
  Preferred as PreferredWire,
  PresenceView,
  Privacy,
} from '../protocol/presence.ts';
import type { PresencePolicy } from './presence-policy.ts';
import type { Presentity } from './presentity.ts';
import { checkActivity, iso } from './publications.ts';

/** After a failed write, when to try again. */
const retryMs = 5_000;
/** Manual busy and do-not-disturb end by themselves after a day, as in Lync; they say so. */
const manualLifetimeMs = 24 * 60 * 60_000;

export function createPresenceChoices(options: {
  store: Store;
  clock: Clock;
  onError: (error: unknown) => void;
  policy: () => PresencePolicy;
  defaultPrivacy: () => Privacy;
  personOf: (id: UserId) => Presentity;
  recompute: (person: Presentity, now: number) => void;
  /** Told when a choice is durable and in force on this node. */
  onChosen: (person: Presentity) => void;
  /** What a person is shown as to themselves, in their language, once their entry is known. */
  ownView: (person: Presentity) => Promise<PresenceView>;
}) {
  const { store, clock, onError, policy, defaultPrivacy, personOf, recompute } = options;

  /** A manual state that ends tells so, durably and once: it never vanishes silently. */
  function announceEnd(person: Presentity, ended: Preferred): void {
    const { id } = person;
    const tell = async () => {
      const view = await options.ownView(person);
      await store.transaction([id], async (tx) => {
        const kept = await tx.presence.personal(id);
        if (kept?.preferred?.setAt !== ended.setAt) return;
        await tx.presence.putPersonal(id, { ...kept, preferred: null });
        tx.appendEvent({
          type: 'presence.alert',
          recipients: [id],
          body: { view, reason: 'preferred-ended' },
        });
      });
      if (person.preferred?.setAt === ended.setAt) person.preferred = null;
    };
    tell().catch((error) => {
      onError(error);
      clock.after(retryMs, () => announceEnd(person, ended));
    });
  }

  /** Changes durable choices: the row is read and written in one transaction, so that no choice is lost. */
  async function choose(
    userId: UserId,
    change: (kept: PersonalPresence) => PersonalPresence,
  ): Promise<Presentity> {
    const person = personOf(userId);
    const after = await store.transaction([userId], async (tx) => {
      const kept = (await tx.presence.personal(userId)) ?? {
        preferred: null,
        note: null,
        privacy: null,
        outOfOffice: null,
        lastActiveAt: null,
        offlineSince: null,
        curtain: null,
      };
      const changed = change(kept);
      await tx.presence.putPersonal(userId, changed);
      return changed;
    });
    person.preferred = after.preferred;
    person.note = after.note;
    person.outOfOffice = after.outOfOffice;
    person.privacy = after.privacy ?? defaultPrivacy();
    options.onChosen(person);
    return person;
  }

  return {
    choose,
    announceEnd,

    /** Sets the manual state; durable when it resolves. The answer states the end. */
    async setPreferred(userId: UserId, input: PreferredInput): Promise<PreferredWire> {
      const now = clock.now();
      const { availability, activity = null } = input;
      if (availability === 'offline' && !policy().appearOffline)
        throw new DomainError(
          'appear-offline-not-allowed',
          'Your organisation does not allow appearing offline.',
        );
      checkActivity(availability, activity, policy());
      const ends = availability === 'busy' || availability === 'do-not-disturb';
      const expiresAt =
        input.expiresAt === undefined
          ? ends
            ? now + manualLifetimeMs
            : null
          : instantIn(input.expiresAt, now);
      const person = await choose(userId, (kept) => ({
        ...kept,
        preferred: { availability, activity, setAt: now, expiresAt },
      }));
      recompute(person, clock.now());
      return preferredWire(person)!;
    },

    /** Returns to what the sources say. */
    async clearPreferred(userId: UserId): Promise<void> {
      recompute(await choose(userId, (kept) => ({ ...kept, preferred: null })), clock.now());
    },

    async setNote(userId: UserId, input: NoteInput): Promise<{ text: string; expiresAt: string | null }> {
      const now = clock.now();
      const expiresAt = instantIn(input.expiresAt ?? null, now);
      const note = { text: input.text, setAt: now, expiresAt };
      recompute(await choose(userId, (kept) => ({ ...kept, note })), clock.now());
      return { text: note.text, expiresAt: iso(expiresAt) };
    },

    async clearNote(userId: UserId): Promise<void> {
      recompute(await choose(userId, (kept) => ({ ...kept, note: null })), clock.now());
    },

    /** Sets or (null) ends an absence; durable when it resolves. */
    async setOutOfOffice(userId: UserId, input: OutOfOfficeInput | null): Promise<OutOfOfficeAnswer | null> {
      const now = clock.now();
      const outOfOffice = input === null ? null : absenceIn(input, now);
      recompute(await choose(userId, (kept) => ({ ...kept, outOfOffice })), clock.now());
      return absenceWire({ outOfOffice }, now);
    },
  };
}

/** An end as the wire gives it; one that has passed is refused. */
function instantIn(text: string | null, now: number): number | null {
  if (text === null) return null;
  const at = Date.parse(text);
  if (at <= now)
    throw new DomainError('expires-in-the-past', `The end ${text} has passed; give a later one or none.`);
  return at;
}

function absenceIn(input: OutOfOfficeInput, now: number): OutOfOffice {
  const from = input.from === undefined ? now : Date.parse(input.from);
  const until = instantIn(input.until ?? null, now);
  if (until !== null && until <= from)
    throw new DomainError('invalid-input', 'The absence ends before it begins.', {
      errors: [{ pointer: '/until', message: 'must lie behind from' }],
    });
  return { note: input.note || null, from, until };
}

/** An absence as it is answered, null once it is over. */
export const absenceWire = (
  { outOfOffice }: Pick<Presentity, 'outOfOffice'>,
  now: number,
): OutOfOfficeAnswer | null =>
  outOfOffice === null || (outOfOffice.until !== null && outOfOffice.until <= now)
    ? null
    : {
        note: outOfOffice.note,
        from: new Date(outOfOffice.from).toISOString(),
        until: iso(outOfOffice.until),
      };

/** The manual state as it is answered. */
export const preferredWire = ({ preferred }: Presentity): PreferredWire | null =>
  preferred === null
    ? null
    : {
        availability: preferred.availability,
        activity: preferred.activity,
        expiresAt: iso(preferred.expiresAt),
      };
