/**
 * "Tell me when this person becomes available": one durable alert per wish, held back while the one who
 * wished is in do-not-disturb, and surviving restarts. Armed wishes are in memory; the row in the store
 * decides, so that no wish is granted twice.
 */
import type { UserId } from '../domain/ids.ts';
import type { Reader } from '../domain/reader.ts';
import type { Clock } from '../ports/clock.ts';
import type { PersonRecord } from '../ports/directory.ts';
import type { Store } from '../ports/store.ts';
import type { ContactRow } from '../ports/store-contacts.ts';
import type { Contact } from '../protocol/contacts.ts';
import type { PresenceService } from './presence.ts';

/** After a failed write, when to try again: the wish is still in the store. */
const retryMs = 5_000;

export interface Alerts {
  /** Takes over a contact row as it was committed (null: removed). */
  changed(ownerId: UserId, personId: UserId, row: ContactRow | null): void;
}

/** Loads the armed wishes and listens to presence. */
export async function createAlerts(options: {
  store: Store;
  clock: Clock;
  presence: PresenceService;
  directory: { persons(ids: readonly string[]): Promise<readonly (PersonRecord | null)[]> };
  contactOf: (row: ContactRow, record: PersonRecord, reader: Reader) => Contact;
  onError: (error: unknown) => void;
}): Promise<Alerts> {
  const { store, clock, presence, directory, contactOf, onError } = options;
  /** Who waits for whom, both ways, with the moment of the wish. */
  const waitingFor = new Map<UserId, Map<UserId, number>>();
  const wishesOf = new Map<UserId, Set<UserId>>();

  function arm(ownerId: UserId, personId: UserId, setAt: number | null): void {
    if (setAt === null) {
      waitingFor.get(personId)?.delete(ownerId);
      wishesOf.get(ownerId)?.delete(personId);
      return;
    }
    const waiting = waitingFor.get(personId) ?? new Map<UserId, number>();
    waiting.set(ownerId, setAt);
    waitingFor.set(personId, waiting);
    const wishes = wishesOf.get(ownerId) ?? new Set<UserId>();
    wishes.add(personId);
    wishesOf.set(ownerId, wishes);
  }

  const isQuiet = (ownerId: UserId): boolean =>
    presence.presenceOf(ownerId)?.availability === 'do-not-disturb';

  /** What the one who wished may see says "available": nothing else may tell them so. */
  const seesAvailable = (ownerId: UserId, personId: UserId): boolean => {
    const cls = presence.disclosureClass(personId, presence.asWatcher(ownerId));
    if (cls === 'hidden') return false;
    return presence.view(personId, cls, presence.readerOf(ownerId), ownerId).availability === 'available';
  };

  async function tell(ownerId: UserId, personId: UserId): Promise<void> {
    const known = await presence.know([ownerId, personId]);
    if (known.includes(null)) return;
    const [record] = await directory.persons([personId]);
    if (record == null || !seesAvailable(ownerId, personId) || isQuiet(ownerId)) return;
    const reader = presence.readerOf(ownerId);
    const told = await store.transaction([ownerId], async (tx) => {
      const row = await tx.contacts.find(ownerId, personId);
      if (row === null || row.alertSetAt === null) return null;
      const after = { ...row, alertSetAt: null };
      await tx.contacts.put(after);
      const contact = contactOf(after, record, reader);
      tx.appendEvent({
        type: 'presence.alert',
        recipients: [ownerId],
        body: { view: contact.view, reason: 'available' },
      });
      tx.appendEvent({ type: 'contact.changed', recipients: [ownerId], body: { contact } });
      return after;
    });
    if (told !== null || waitingFor.get(personId)?.has(ownerId))
      arm(ownerId, personId, told?.alertSetAt ?? null);
  }

  function tellSoon(ownerId: UserId, personId: UserId): void {
    tell(ownerId, personId).catch((error) => {
      onError(error);
      clock.after(retryMs, () => tellSoon(ownerId, personId));
    });
  }

  presence.onChange((personId, previous, next) => {
    if (next.availability === 'available' && previous.availability !== 'available')
      for (const ownerId of waitingFor.get(personId)?.keys() ?? []) tellSoon(ownerId, personId);
    // Whoever comes out of do-not-disturb hears of those who became available meanwhile and still are.
    if (previous.availability === 'do-not-disturb' && next.availability !== 'do-not-disturb')
      for (const wished of wishesOf.get(personId) ?? []) {
        const setAt = waitingFor.get(wished)?.get(personId) ?? Number.POSITIVE_INFINITY;
        if ((presence.presenceOf(wished)?.since ?? 0) > setAt) tellSoon(personId, wished);
      }
  });

  for await (const row of store.contacts.marked())
    if (row.alertSetAt !== null) arm(row.ownerId, row.personId, row.alertSetAt);

  return { changed: (ownerId, personId, row) => arm(ownerId, personId, row?.alertSetAt ?? null) };
}
