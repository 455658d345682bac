/**
 * A little life for the demo organisation: the colleagues on Alice's list come and go, take calls and sit in
 * meetings, so that the first screen shows what presence is. They publish as any client would. Whoever is
 * signed in as by a person is left alone from then on, and the five of the cast are never touched.
 */
import type { UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { OutOfOfficeInput, PublicationInput } from '../protocol/presence.ts';

/** The calls a client makes, as far as these colleagues make them. */
export interface PresenceForDemo {
  know(ids: readonly string[]): Promise<readonly (UserId | null)[]>;
  endpointOpened(userId: UserId, endpoint: string): void;
  endpointClosed(userId: UserId, endpoint: string, how: 'signed-out'): void;
  publish(userId: UserId, publicationId: string, input: PublicationInput, ifMatch: string | null): unknown;
  withdraw(userId: UserId, publicationId: string, ifMatch: string | null): void;
  setOutOfOffice(userId: UserId, input: OutOfOfficeInput | null): Promise<unknown>;
}

const endpoint = 'demo';
/** Long enough to read the screen, short enough to see something change. */
const stepMs = 20_000;

type Scene = Omit<PublicationInput, 'expiresInSeconds'> | 'here' | 'gone';

/** What a colleague does next, in turn; each begins somewhere else. */
const scenes: readonly Scene[] = [
  'here',
  { kind: 'calendar', availability: 'busy', activity: 'in-a-meeting', subject: 'Planning' },
  'here',
  { kind: 'phone', availability: 'busy', activity: 'in-a-call' },
  { kind: 'machine', availability: 'available-idle', idleSeconds: 400 },
  { kind: 'application', availability: 'do-not-disturb', activity: 'presenting' },
  'here',
  { kind: 'machine', availability: 'away', idleSeconds: 900 },
  { kind: 'application', availability: 'busy', activity: 'in-a-conference-call' },
  'gone',
];

/** Starts; `leave` gives a colleague to the person who signed in as them, `stop` ends it all. */
export function createDemoLife(options: {
  presence: PresenceForDemo;
  clock: Clock;
  colleagues: readonly UserId[];
  /** True on the one node of several that plays. */
  isMine?: () => boolean;
  onError: (error: unknown) => void;
}) {
  const { presence, clock, onError, isMine = () => true } = options;
  const colleagues = new Map(options.colleagues.map((id, at) => [id, at * 3]));
  /** The publication each colleague has out, by its id. */
  const published = new Map<UserId, string>();
  let step = 0;
  let cancel = () => {};

  function withdraw(id: UserId): void {
    const publicationId = published.get(id);
    if (publicationId === undefined) return;
    published.delete(id);
    presence.withdraw(id, publicationId, null);
  }

  function play(id: UserId, at: number): void {
    const scene = scenes[at % scenes.length] as Scene;
    withdraw(id);
    if (scene === 'gone') {
      presence.endpointClosed(id, endpoint, 'signed-out');
      return;
    }
    presence.endpointOpened(id, endpoint);
    if (scene === 'here') return;
    const publicationId = `demo-${scene.kind}`;
    presence.publish(id, publicationId, { ...scene, endpoint, expiresInSeconds: 30 * 60 }, null);
    published.set(id, publicationId);
  }

  /** One colleague at a time does the next thing. */
  function next(): void {
    const entries = [...colleagues];
    const entry = entries[step % Math.max(1, entries.length)];
    step += 1;
    if (entry !== undefined && isMine()) {
      const [id, at] = entry;
      colleagues.set(id, at + 1);
      try {
        play(id, at + 1);
      } catch (error) {
        onError(error);
      }
    }
    cancel = clock.after(stepMs, next);
  }

  return {
    async start(): Promise<void> {
      await presence.know([...colleagues.keys()]);
      if (isMine()) for (const [id, at] of colleagues) play(id, at);
      const [traveller] = colleagues.keys();
      if (traveller !== undefined) {
        const until = new Date(clock.now() + 3 * 86_400_000).toISOString();
        await presence.setOutOfOffice(traveller, {
          until,
          note: 'Back on the road, answering in the evening',
        });
      }
      cancel = clock.after(stepMs, next);
    },

    /** Somebody is this colleague now. */
    leave(id: UserId): void {
      if (!colleagues.delete(id)) return;
      withdraw(id);
      presence.endpointClosed(id, endpoint, 'signed-out');
    },

    stop(): void {
      cancel();
    },
  };
}
