/** That somebody is at the machine: how often it is said, and what a locked screen says. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSensing } from '../../addins/shared/client/sensing.ts';
import type { PublicationInput } from '../../server/protocol/presence.ts';

class FakeDetector extends EventTarget {
  static last: FakeDetector | null = null;
  static requestPermission = async () => 'granted' as const;
  userState: 'active' | 'idle' | null = null;
  screenState: 'locked' | 'unlocked' | null = null;
  async start(): Promise<void> {
    FakeDetector.last = this;
    this.become('active', 'unlocked');
  }
  become(userState: 'active' | 'idle', screenState: 'locked' | 'unlocked'): void {
    Object.assign(this, { userState, screenState });
    this.dispatchEvent(new Event('change'));
  }
}

function start(detector?: typeof FakeDetector, fails = false) {
  const said: PublicationInput[] = [];
  const entries = new Map<string, string>();
  const target = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  const stop = startSensing({
    api: {
      async publish(_id, input) {
        said.push(input);
        if (fails) throw new Error('away');
        return undefined;
      },
    },
    endpoint: 'web-1',
    scope: 's',
    storage: {
      getItem: (key) => entries.get(key) ?? null,
      setItem: (key, value) => void entries.set(key, value),
      removeItem: (key) => void entries.delete(key),
      key: () => null,
      length: 0,
    },
    target: target as unknown as Document,
    detector,
  });
  return { said, target, stop, entries };
}

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 16, 12) }));
afterEach(() => void vi.useRealTimers());
const states = (said: readonly PublicationInput[]) => said.map(({ availability }) => availability);

describe('sensing', () => {
  test('[UI22] input in the page is said at most once a minute', () => {
    const { said, target, stop } = start();
    for (let index = 0; index < 50; index++) target.dispatchEvent(new Event('pointermove'));
    expect(said).toEqual([
      {
        kind: 'machine',
        endpoint: 'web-1',
        availability: 'available',
        idleSeconds: 0,
        expiresInSeconds: 3_600,
      },
    ]);
    vi.advanceTimersByTime(59_000);
    target.dispatchEvent(new Event('keydown'));
    expect(said).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    target.dispatchEvent(new Event('keydown'));
    expect(said).toHaveLength(2);
    stop();
    vi.advanceTimersByTime(60_000);
    target.dispatchEvent(new Event('keydown'));
    expect(said).toHaveLength(2);
  });

  test('[UI22] a page that is hidden says nothing', () => {
    const { said, target } = start();
    target.visibilityState = 'hidden';
    target.dispatchEvent(new Event('visibilitychange'));
    expect(said).toEqual([]);
  });

  test('[UI22] what another page of the same person has said is enough', () => {
    const { said, target, entries } = start();
    entries.set('jellybean:input:s', String(Date.now() - 5_000));
    target.dispatchEvent(new Event('keydown'));
    expect(said).toEqual([]);
  });

  test('[UI22] what could not be said is said with the next input', async () => {
    const { said, target, entries } = start(undefined, true);
    target.dispatchEvent(new Event('keydown'));
    await vi.advanceTimersByTimeAsync(0);
    entries.clear();
    target.dispatchEvent(new Event('keydown'));
    expect(said).toHaveLength(2);
  });

  test('[UI22] where it is allowed, input anywhere on the machine counts, and a locked screen is away at once', async () => {
    const { said, stop } = start(FakeDetector);
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect(states(said)).toEqual(['available', 'available', 'available']);
    FakeDetector.last?.become('idle', 'unlocked');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(said).toHaveLength(3);
    FakeDetector.last?.become('idle', 'locked');
    FakeDetector.last?.become('idle', 'locked');
    expect(states(said).slice(3)).toEqual(['away']);
    FakeDetector.last?.become('active', 'unlocked');
    expect(states(said).slice(4)).toEqual(['available']);
    stop();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(said).toHaveLength(5);
  });
});
