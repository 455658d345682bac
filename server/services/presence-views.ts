/**
 * What classes of watchers see of each person, kept until it changes: one content, one counter and one
 * serialisation per presentity, class and reader, however many watch (SPEC PV3, PV4, PA17).
 */
import type { CustomActivity } from '../domain/bands.ts';
import type { UserId } from '../domain/ids.ts';
import { isActive } from '../domain/presence.ts';
import {
  type Disclosed,
  type DisclosureClass,
  type DisclosurePolicy,
  disclosureClasses,
  type FrozenAbsence,
  formatView,
  isSameView,
  type Reachability,
  signedOutContent,
  unknownContent,
  viewFor,
} from '../domain/privacy.ts';
import type { Reader } from '../domain/reader.ts';
import type { PresenceView } from '../protocol/presence.ts';
import type { ClassView, FrozenView, Presentity } from './presentity.ts';

export interface ViewPolicy extends DisclosurePolicy {
  readonly custom: ReadonlyMap<string, CustomActivity>;
}

const emailBit = 1 << 8;
const classNumber = Object.fromEntries(disclosureClasses.map((cls, index) => [cls, index])) as Record<
  DisclosureClass,
  number
>;

/** Packs who may call a person into one integer. */
export function packReach(reachOf: (cls: DisclosureClass) => Reachability): number {
  let bits = 0;
  for (const [index, cls] of disclosureClasses.entries()) {
    const reach = reachOf(cls);
    if (reach.call) bits |= 1 << index;
    if (reach.email) bits |= emailBit;
  }
  return bits;
}

const reachIn = (person: Presentity, cls: DisclosureClass): Reachability => ({
  email: (person.reach & emailBit) !== 0,
  call: (person.reach & (1 << classNumber[cls])) !== 0,
});

/**
 * Makes the views of a node. `firstSequence` is where every view's counter begins: the start of the node in
 * seconds, so that counters go on growing over restarts and are alike for everybody who did nothing since.
 */
export function createPresenceViews(options: {
  policy: () => ViewPolicy;
  now: () => number;
  firstSequence: number;
  /** The counter behind another one. */
  nextSequence: (sequence: number) => number;
  isExternal: (userId: UserId) => boolean;
}) {
  const { policy, now, firstSequence, nextSequence, isExternal } = options;

  const contentFor = (person: Presentity, cls: Exclude<DisclosureClass, 'hidden'>) =>
    person.knownAt === 0
      ? unknownContent
      : viewFor(person.presence, cls, person.privacy, reachIn(person, cls), policy());

  function viewOf(person: Presentity, cls: Exclude<DisclosureClass, 'hidden'>): ClassView {
    person.views ??= [];
    const number = classNumber[cls];
    let view = person.views[number];
    if (view === undefined) {
      view = { content: contentFor(person, cls), sequence: firstSequence, json: null };
      person.views[number] = view;
    }
    return view;
  }

  const frozenFor = (person: Presentity, watcherId: UserId): FrozenView =>
    person.hidden?.get(watcherId) ??
    person.curtain ?? { since: null, lastActiveAt: null, sequence: firstSequence };

  function hiddenView(person: Presentity, watcherId: UserId, reader: Reader): Disclosed<PresenceView> {
    const frozen = frozenFor(person, watcherId);
    const cls = person.external || isExternal(watcherId) ? 'external' : 'colleague';
    const content =
      person.knownAt === 0 ? unknownContent : signedOutContent(cls, frozen, reachIn(person, cls), policy());
    return formatView(person.id, content, frozen.sequence, reader, now(), policy().custom);
  }

  function view(
    person: Presentity,
    cls: DisclosureClass,
    reader: Reader,
    watcherId: UserId,
  ): Disclosed<PresenceView> {
    if (cls === 'hidden') return hiddenView(person, watcherId, reader);
    const { content, sequence } = viewOf(person, cls);
    return formatView(person.id, content, sequence, reader, now(), policy().custom);
  }

  /** What someone is left with who could see the person in a class until this moment: they seem to sign out. */
  function freeze(person: Presentity, from: Exclude<DisclosureClass, 'hidden'>): FrozenView {
    const seen = viewOf(person, from);
    const { presence } = person;
    const isOffline = presence.availability === 'offline';
    // Someone who signs out and shows no times shows none then either.
    if (person.privacy.hideLastActive)
      return {
        since: null,
        lastActiveAt: null,
        sequence: isOffline ? seen.sequence : nextSequence(seen.sequence),
      };
    if (isOffline)
      return { since: presence.since, lastActiveAt: presence.lastActiveAt, sequence: seen.sequence };
    const at = now();
    return {
      since: at,
      lastActiveAt: isActive(presence.availability) ? at : presence.lastActiveAt,
      sequence: nextSequence(seen.sequence),
    };
  }

  const continueFrom = (seen: ClassView, sequence: number): void => {
    if (sequence < seen.sequence) return;
    seen.sequence = nextSequence(sequence);
    seen.json = null;
  };

  return {
    view,

    json(person: Presentity, cls: DisclosureClass, reader: Reader, watcherId: UserId): string {
      if (cls === 'hidden') return JSON.stringify(hiddenView(person, watcherId, reader));
      const seen = viewOf(person, cls);
      let json = seen.json?.get(reader);
      if (json === undefined) {
        json = JSON.stringify(view(person, cls, reader, watcherId));
        seen.json ??= new Map();
        seen.json.set(reader, json);
      }
      return json;
    },

    sequence: (person: Presentity, cls: DisclosureClass): number =>
      cls === 'hidden' ? 0 : viewOf(person, cls).sequence,

    content: (person: Presentity, cls: Exclude<DisclosureClass, 'hidden'>) => viewOf(person, cls).content,

    /** Compares every view that somebody has asked for with what it would be now; true where one changed. */
    refresh(person: Presentity): boolean {
      let changed = false;
      for (const [number, seen] of person.views?.entries() ?? []) {
        if (seen === undefined) continue;
        const content = contentFor(person, disclosureClasses[number] as Exclude<DisclosureClass, 'hidden'>);
        if (isSameView(seen.content, content)) continue;
        seen.content = content;
        seen.sequence = nextSequence(seen.sequence);
        seen.json = null;
        changed = true;
      }
      return changed;
    },

    /** The words for custom activities are others: whoever sees one is told again. True where somebody does. */
    reword(person: Presentity): boolean {
      let changed = false;
      for (const seen of person.views ?? []) {
        if (!seen?.content.activity?.startsWith('x-')) continue;
        seen.sequence += 1;
        seen.json = null;
        changed = true;
      }
      return changed;
    },

    /** The policy shows the times of an absence or no longer: counts on for who sees one. True where somebody does. */
    rehide(person: Presentity): boolean {
      const next = (view: FrozenView): FrozenView =>
        view.since === null && view.lastActiveAt === null ? view : { ...view, sequence: view.sequence + 1 };
      const { hidden, curtain } = person;
      let changed = false;
      for (const [watcherId, view] of hidden ?? []) {
        const after = next(view);
        if (after === view) continue;
        hidden?.set(watcherId, after);
        changed = true;
      }
      if (curtain === null) return changed;
      person.curtain = next(curtain);
      return changed || person.curtain !== curtain;
    },

    /**
     * A watcher goes from one class to another: the counter that they see goes on growing (a client drops
     * what counts backwards), and who can no longer see is left with a frozen view.
     */
    reclass(
      person: Presentity,
      watcherId: UserId,
      before: DisclosureClass,
      after: DisclosureClass,
      frozen: FrozenAbsence | null = null,
    ): void {
      if (before === after) return;
      if (after === 'hidden') {
        if (before === 'hidden') return;
        person.hidden ??= new Map();
        person.hidden.set(watcherId, { ...freeze(person, before), ...frozen });
        return;
      }
      const sequence =
        before === 'hidden' ? frozenFor(person, watcherId).sequence : viewOf(person, before).sequence;
      continueFrom(viewOf(person, after), sequence);
      person.hidden?.delete(watcherId);
      if (person.hidden?.size === 0) person.hidden = null;
    },

    /** A watcher who is hidden from already is blocked as well: what they were left with is theirs from now on. */
    keepHidden(person: Presentity, watcherId: UserId): void {
      const frozen = frozenFor(person, watcherId);
      person.hidden ??= new Map();
      person.hidden.set(watcherId, frozen);
    },

    /** What a watcher of this class would be left with now, as it is to be remembered. */
    leftWith(person: Presentity, watcherId: UserId, cls: DisclosureClass): FrozenAbsence {
      const { since, lastActiveAt } = cls === 'hidden' ? frozenFor(person, watcherId) : freeze(person, cls);
      return { since, lastActiveAt };
    },

    /** True where this hidden watcher was left with moments. */
    hasLeftTimes(person: Presentity, watcherId: UserId): boolean {
      const { since, lastActiveAt } = frozenFor(person, watcherId);
      return since !== null || lastActiveAt !== null;
    },

    /** Restores what a hidden watcher was left with before the node started. */
    restore(person: Presentity, watcherId: UserId, frozen: FrozenAbsence): void {
      person.hidden ??= new Map();
      person.hidden.set(watcherId, { ...frozen, sequence: firstSequence });
    },

    /** A mode is about to hide the person from many: from now on those see the person as just signed out. */
    drawCurtain(person: Presentity, frozen: FrozenAbsence): void {
      let sequence = firstSequence;
      for (const seen of person.views ?? [])
        if (seen !== undefined && seen.sequence >= sequence) sequence = nextSequence(seen.sequence);
      person.curtain = { ...frozen, sequence };
    },

    /**
     * Another mode may show the person to who was hidden from: every view goes on counting behind what those
     * have seen. The curtain itself stays, for who is hidden from all the same, until another is drawn.
     */
    liftCurtain(person: Presentity): void {
      const { curtain } = person;
      if (curtain === null) return;
      for (const cls of disclosureClasses)
        if (cls !== 'hidden' && cls !== 'self') continueFrom(viewOf(person, cls), curtain.sequence);
    },
  };
}
export type PresenceViews = ReturnType<typeof createPresenceViews>;
