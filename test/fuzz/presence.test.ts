/**
 * Random lives of a small organisation: publishing, expiry, reconnects, choices, privacy and relationships.
 * Whatever happens, each watcher's old snapshot plus the events they got equals a fresh snapshot, and nobody
 * is ever sent a word that their relationship denies. FUZZ_SEED repeats a run; a failure prints its seed.
 */
import { afterAll, expect, test } from 'vitest';
import type { UserId } from '../../server/domain/ids.ts';
import type { DisclosureClass } from '../../server/domain/privacy.ts';
import type { Principal } from '../../server/ports/identity.ts';
import { createEventStream } from '../../server/services/event-stream.ts';
import { defaultPresencePolicy } from '../../server/services/presence-policy.ts';
import { type Dice, dice } from '../support/dice.ts';
import {
  cast,
  idOf,
  type Member,
  type Organisation,
  openOrganisation,
  reader,
} from '../support/presence-organisation.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const rounds = Number(process.env.FUZZ_ROUNDS ?? 4);
const stepsPerRound = 120;

interface Watching {
  readonly name: Member;
  /** What the events so far have made of the snapshot: presentity → view without its counter. */
  readonly seen: Map<string, string>;
  /** Views that came since the last look, with the class in which they were sent. */
  received: { readonly view: string; readonly cls: DisclosureClass }[];
}

const canaries = {
  note: 'canary-note',
  location: 'canary-location',
  subject: 'canary-subject',
  absence: 'canary-absence',
};
const withoutSequence = (json: string) => json.slice(0, json.lastIndexOf(',"sequence"'));
const opened: Organisation[] = [];
afterAll(async () => {
  for (const org of opened) await org.dispose();
});

/** One random thing that somebody does; answers what it was. */
async function act(org: Organisation, roll: Dice): Promise<string> {
  const name = roll.pick(cast);
  const other = roll.pick(cast.filter((one) => one !== name));
  const id = idOf(name);
  const endpoint = roll.pick(['desk', 'laptop', 'pane']);
  const soon = (seconds: number) =>
    new Date(org.clock.now() + 1_000 + roll.below(seconds) * 1_000).toISOString();
  const publish = (publication: string, input: Parameters<typeof org.presence.publish>[2]) =>
    org.presence.publish(id, publication, input, null);
  const acts: Record<string, () => unknown> = {
    open: () => org.open(name, endpoint),
    'open again': () => org.open(name, 'desk'),
    shut: () => org.shut(name, roll.pick(['ended', 'silent', 'signed-out'] as const), endpoint),
    machine: () =>
      publish(endpoint, {
        kind: 'machine',
        endpoint,
        availability: roll.pick(['available', 'available-idle', 'away', 'offline']),
        idleSeconds: roll.below(700),
        device: roll.pick(['PC-7', 'PC-8']),
        location: canaries.location,
        expiresInSeconds: 1 + roll.below(900),
      }),
    call: () =>
      publish('call', {
        kind: 'phone',
        availability: 'busy',
        activity: roll.pick(['in-a-call', 'in-a-conference-call', null]),
        expiresInSeconds: 1 + roll.below(300),
      }),
    meeting: () =>
      publish('meeting', {
        kind: 'calendar',
        availability: 'busy',
        activity: 'in-a-meeting',
        subject: canaries.subject,
        expiresInSeconds: 60 + roll.below(3_600),
      }),
    focus: () =>
      publish('focus', {
        kind: 'application',
        availability: 'do-not-disturb',
        activity: roll.pick(['presenting', 'focusing']),
        expiresInSeconds: 1 + roll.below(600),
      }),
    withdraw: () => org.presence.withdraw(id, roll.pick(['call', 'meeting', 'focus', endpoint]), null),
    choose: () =>
      org.presence.setPreferred(id, {
        availability: roll.pick(['available', 'busy', 'do-not-disturb', 'be-right-back', 'away', 'offline']),
        expiresAt: roll.chance(0.5) ? soon(900) : null,
      }),
    reset: () => org.presence.clearPreferred(id),
    note: () => org.presence.setNote(id, { text: canaries.note, expiresAt: soon(600) }),
    absence: () =>
      org.presence.setOutOfOffice(
        id,
        roll.chance(0.5) ? null : { note: canaries.absence, until: soon(3_600) },
      ),
    privacy: () =>
      org.presence.setPrivacy(id, {
        mode: roll.pick(['open', 'contacts-only', 'reciprocal']),
        hideActivity: roll.chance(0.2),
        hideLastActive: roll.chance(0.2),
      }),
    grant: () =>
      org.contacts.put(
        id,
        idOf(other),
        { relationship: roll.pick(['blocked', 'external', 'colleague', 'workgroup', 'friends-and-family']) },
        reader,
      ),
    list: () => org.contacts.put(id, idOf(other), { alert: roll.chance(0.3) }, reader),
    unlist: () => org.contacts.remove(id, idOf(other)),
    policy: () =>
      org.presence.setPolicy({
        ...defaultPresencePolicy,
        coarse: roll.chance(0.3),
        showLastActive: roll.chance(0.6),
        showMeetingSubject: roll.chance(0.8),
        defaultMode: roll.pick(['open', 'open', 'contacts-only', 'reciprocal']),
      }),
  };
  const what = roll.pick(Object.keys(acts));
  try {
    await acts[what]!();
  } catch (error) {
    // Withdrawing or removing what is not there is as good a step as any.
    if ((error as { code?: string }).code !== 'not-found') throw error;
  }
  return `${what} ${name} ${other} ${endpoint}`;
}

async function live(roundSeed: number): Promise<void> {
  const org = await openOrganisation();
  opened.push(org);
  const roll = dice(roundSeed);
  const stream = createEventStream({
    store: org.store,
    bus: org.bus,
    clock: org.clock,
    presence: org.presence,
    contactsOf: org.contacts.contactsOf,
    onError: (error) => org.errors.push(error),
    lastSeq: await org.store.events.lastSeq(),
  });
  const watchers: Watching[] = [];
  for (const name of cast) {
    const watching: Watching = { name, seen: new Map(), received: [] };
    const counted = new Map<UserId, number>();
    watchers.push(watching);
    const took = (view: string) => {
      const { id, sequence } = JSON.parse(view) as { id: UserId; sequence: number };
      // A client drops what counts backwards, so nothing may.
      if (sequence < (counted.get(id) ?? 0))
        org.errors.push(`${name} was sent ${view} after ${counted.get(id)}`);
      counted.set(id, sequence);
      watching.seen.set(id, withoutSequence(view));
      watching.received.push({ view, cls: org.presence.disclosureClass(id, org.watcher(name)) });
    };
    const take = (bytes: Buffer) => {
      const text = bytes.toString();
      const data = /^data: (.*)$/m.exec(text)?.[1];
      if (text.startsWith('event: presence.changed') && data !== undefined) took(data);
    };
    const principal = {
      ...org.watcher(name),
      roles: new Set<string>(),
      tokenId: 't',
      expiresAt: Number.POSITIVE_INFINITY,
    } as unknown as Principal;
    const sink = { send: take, drained: async () => {}, end: take };
    const { id } = await stream.open(principal, 'watching', null, reader, sink);
    const others = cast.filter((other) => other !== name).map(idOf);
    for (const view of await stream.watch(principal, id, { put: others })) took(view);
  }
  await org.settle();

  const trace: string[] = [];
  for (let step = 0; step < stepsPerRound; step += 1) {
    trace.push(await act(org, roll));
    await org.settle();
    if (roll.chance(0.5)) org.clock.advance(roll.pick([1, 500, 5_000, 60_000, 400_000]));
    await org.settle();
    for (const watching of watchers) check(org, watching, `step ${step}\n${trace.slice(-6).join('\n')}`);
  }
  expect(org.errors).toEqual([]);
  stream.closeAll(1001, 0);
}

function check(org: Organisation, watching: Watching, when: string): void {
  for (const { view, cls } of watching.received)
    for (const [field, canary] of Object.entries(canaries)) {
      const isDenied = cls === 'external' || cls === 'hidden' || (field === 'subject' && cls !== 'workgroup');
      if (isDenied)
        expect(view.includes(canary), `${canary} to ${watching.name} (${cls}), ${when}`).toBe(false);
    }
  watching.received = [];
  for (const presentity of cast) {
    if (presentity === watching.name) continue;
    const cls = org.presence.disclosureClass(idOf(presentity), org.watcher(watching.name));
    expect(
      watching.seen.get(idOf(presentity)),
      `what ${watching.name} (${cls}) has of ${presentity}, ${when}`,
    ).toBe(withoutSequence(org.json(presentity, watching.name)));
  }
}

for (let round = 0; round < rounds; round += 1)
  test(`[PA30, PV2, PV3] old snapshot and events make a fresh snapshot, round ${round} (FUZZ_SEED=${seed})`, async () => {
    await live(seed + round * 7_919);
  });
