/**
 * Who may see whom, as it changes: a block, a relationship, a mode, the organisation's default. Each watcher
 * is moved to their new class, and who loses sight is left with this moment (PV3, PV9). Part of
 * services/presence.ts.
 */
import type { UserId } from '../domain/ids.ts';
import type { FrozenAbsence, Watcher } from '../domain/privacy.ts';
import type { Bus } from '../ports/bus.ts';
import type { Store } from '../ports/store.ts';
import type { ContactRow } from '../ports/store-contacts.ts';
import type { PersonalPresence } from '../ports/store-presence.ts';
import type { Privacy, PrivacyInput } from '../protocol/presence.ts';
import type { PresenceViews } from './presence-views.ts';
import type { Presentity } from './presentity.ts';
import type { RelationshipIndex } from './relationships.ts';

export function createPresenceSight(options: {
  store: Store;
  bus: Bus;
  people: ReadonlyMap<UserId, Presentity>;
  index: RelationshipIndex;
  views: PresenceViews;
  asWatcher: (id: UserId) => Watcher;
  personOf: (id: UserId) => Presentity;
  choose: (userId: UserId, change: (kept: PersonalPresence) => PersonalPresence) => Promise<Presentity>;
}) {
  const { store, bus, people, index, views, asWatcher, personOf, choose } = options;
  /** Who shows only to those who show themselves. */
  const reciprocal = new Set<UserId>();

  /** Runs a change of what `owner` grants or lists, and moves that one watcher, both ways, to their new class. */
  function reclassing(
    ownerId: UserId,
    watcherId: UserId,
    frozen: FrozenAbsence | null,
    change: () => void,
  ): void {
    const pairs = [
      [ownerId, watcherId],
      [watcherId, ownerId],
    ] as const;
    const before = pairs.map(([presentity, watcher]) => index.classOf(presentity, asWatcher(watcher)));
    change();
    for (const [at, [presentity, watcher]] of pairs.entries()) {
      const after = index.classOf(presentity, asWatcher(watcher));
      if (after === before[at]) continue;
      const leftWith = presentity === ownerId ? frozen : null;
      views.reclass(personOf(presentity), watcher, before[at]!, after, leftWith);
      bus.publish({ kind: 'relationship', personId: presentity, watcherId: watcher });
    }
  }

  /** Everybody known to this node from whom a person hides now. */
  function hiddenFrom(person: Presentity): readonly UserId[] {
    const hidden: UserId[] = [];
    for (const id of people.keys()) if (index.classOf(person.id, asWatcher(id)) === 'hidden') hidden.push(id);
    return hidden;
  }

  /**
   * A person's mode is another from now on. Who was hidden from and still is keeps what they were left
   * with; who is hidden from newly is left with this moment; who sees again counts on from there.
   */
  function modeChanged(
    person: Presentity,
    hiddenBefore: readonly UserId[],
    curtain: FrozenAbsence | null,
  ): void {
    if (person.privacy.mode === 'reciprocal') reciprocal.add(person.id);
    else reciprocal.delete(person.id);
    for (const id of hiddenBefore)
      if (index.classOf(person.id, asWatcher(id)) === 'hidden') views.keepHidden(person, id);
    views.liftCurtain(person);
    if (curtain !== null) views.drawCurtain(person, curtain);
    for (const id of [...(person.hidden?.keys() ?? [])])
      views.reclass(person, id, 'hidden', index.classOf(person.id, asWatcher(id)));
  }

  async function loadList(ownerId: UserId): Promise<void> {
    const rows = await store.contacts.list(ownerId);
    index.setListed(ownerId, new Set(rows.filter(({ listed }) => listed).map(({ personId }) => personId)));
  }

  /**
   * Puts a person's privacy in force: `commit` takes what those are left with from whom it hides them, makes
   * it hold, and answers what they are left with after all.
   */
  async function enforce(
    userId: UserId,
    privacy: Privacy,
    commit: (curtain: FrozenAbsence | null) => FrozenAbsence | null | Promise<FrozenAbsence | null>,
  ): Promise<void> {
    const before = personOf(userId).privacy;
    if (privacy.mode === 'contacts-only') await loadList(userId);
    const person = personOf(userId);
    const isOtherMode = before.mode !== privacy.mode;
    const drawn = isOtherMode && privacy.mode !== 'open' ? views.leftWith(person, userId, 'colleague') : null;
    const watched = [...reciprocal].map((id) => [id, index.classOf(id, asWatcher(userId))] as const);
    const hidden = isOtherMode ? hiddenFrom(person) : [];
    const curtain = await commit(drawn);
    if (privacy.mode !== 'contacts-only') index.setListed(userId, null);
    if (isOtherMode) modeChanged(person, hidden, curtain);
    // Classes first: a view that changed must find its watchers where they stand now.
    if (isOtherMode) bus.publish({ kind: 'relationship', personId: userId, watcherId: null });
    if (views.refresh(person)) bus.publish({ kind: 'presence', personId: userId });
    // Whoever shows only to those who show themselves answers to this change as well.
    for (const [id, cls] of watched) {
      const after = index.classOf(id, asWatcher(userId));
      if (id === userId || after === cls) continue;
      views.reclass(personOf(id), userId, cls, after);
      bus.publish({ kind: 'relationship', personId: id, watcherId: userId });
    }
  }

  return {
    /** Takes over what a person was remembered with when the node starts. */
    restore(person: Presentity, curtain: FrozenAbsence | null): void {
      if (curtain !== null) views.drawCurtain(person, curtain);
      if (person.privacy.mode === 'reciprocal') reciprocal.add(person.id);
      if (person.privacy.mode === 'contacts-only') index.setListed(person.id, new Set());
    },

    /** Changes the mode and what is hidden from everybody; who loses or gains sight is told at once. */
    async setPrivacy(userId: UserId, input: PrivacyInput): Promise<Privacy> {
      const before = personOf(userId).privacy;
      const privacy: Privacy = {
        mode: input.mode,
        hideActivity: input.hideActivity ?? before.hideActivity,
        hideLastActive: input.hideLastActive ?? before.hideLastActive,
      };
      await enforce(userId, privacy, async (drawn) => {
        await choose(userId, (kept) => ({ ...kept, privacy, curtain: drawn ?? kept.curtain }));
        return drawn;
      });
      return privacy;
    },

    /** Takes over what was chosen on another node. */
    async adoptPrivacy(person: Presentity, privacy: Privacy, curtain: FrozenAbsence | null): Promise<void> {
      const { mode, hideActivity, hideLastActive } = person.privacy;
      if (
        privacy.mode === mode &&
        privacy.hideActivity === hideActivity &&
        privacy.hideLastActive === hideLastActive
      )
        return;
      await enforce(person.id, privacy, () => {
        person.privacy = privacy;
        return curtain;
      });
    },

    /** Takes over a contact row as it was committed (null: removed), and moves that person to their new class. */
    contactChanged(ownerId: UserId, personId: UserId, row: ContactRow | null): void {
      reclassing(ownerId, personId, row?.frozen ?? null, () => index.put(ownerId, personId, row));
      if (row?.relationship === 'blocked') views.keepHidden(personOf(ownerId), personId);
    },

    /**
     * Everybody who has chosen no mode has another from `commit` on; watchers are moved to their new class, and
     * so are those of whoever shows only to those who show themselves. What has to be read is read before, so
     * that nobody is told anything by the classes of before.
     */
    async setDefaultMode(earlier: Privacy, next: Privacy, commit: () => void): Promise<void> {
      const { mode } = next;
      const isMoved = ({ privacy }: Presentity) => privacy === earlier;
      if (mode === 'contacts-only') {
        for (const person of people.values()) if (isMoved(person)) index.setListed(person.id, new Set());
        for await (const row of store.contacts.all()) index.put(row.ownerId, row.personId, row);
      }
      // From open, and to open, only the blocked are hidden from, and theirs is theirs already.
      const isPlain = earlier.mode === 'open' || mode === 'open';
      const moved = [...people.values()].filter(isMoved).map((person) => ({
        person,
        hidden: isPlain ? [] : hiddenFrom(person),
        curtain: mode === 'open' ? null : views.leftWith(person, person.id, 'colleague'),
      }));
      const answering = [...reciprocal].map(personOf).filter((person) => !isMoved(person));
      const answers = answering.map((person) => ({
        person,
        hidden: hiddenFrom(person),
        curtain: views.leftWith(person, person.id, 'colleague'),
      }));
      commit();
      for (const { person } of moved) person.privacy = next;
      if (mode !== 'contacts-only') for (const { person } of moved) index.setListed(person.id, null);
      for (const { person, hidden, curtain } of moved) modeChanged(person, hidden, curtain);
      for (const { person, hidden, curtain } of answers) {
        const known = new Set(hidden);
        const hidesMore = hiddenFrom(person).some((id) => !known.has(id));
        modeChanged(person, hidden, hidesMore ? curtain : null);
      }
      // Classes first: a view that changed must find its watchers where they stand now.
      for (const { person } of [...moved, ...answers])
        bus.publish({ kind: 'relationship', personId: person.id, watcherId: null });
    },
  };
}
