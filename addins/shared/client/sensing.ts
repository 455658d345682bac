/**
 * Says to the server that somebody is at this machine: input is noticed and published at most once a minute as
 * one machine publication per browser and person. The server ages it (idle, away); this side only tells that
 * there was input, and that the screen is locked.
 *
 * Input in the page is always noticed. Where the browser offers Idle Detection and the person has allowed it,
 * input anywhere on the machine counts too: whoever works in another program is not idle.
 */
import type { Api } from './api.ts';
import type { Keep } from './outbox.ts';

/** The slice of the Idle Detection API (WICG) that is used; TypeScript does not know it. */
interface IdleDetector extends EventTarget {
  readonly userState: 'active' | 'idle' | null;
  readonly screenState: 'locked' | 'unlocked' | null;
  start(options: { threshold: number; signal: AbortSignal }): Promise<void>;
}
interface IdleDetectorClass {
  new (): IdleDetector;
  requestPermission(): Promise<'granted' | 'denied'>;
}

export interface SensingOptions {
  api: Pick<Api, 'publish'>;
  endpoint: string;
  scope: string;
  storage: Keep | null;
  target: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;
  now?(): number;
  /** The browser's detector; undefined where it has none. */
  detector?: IdleDetectorClass | undefined;
}

const everyMs = 60_000;
/** Longer than away takes (10 min), so that the state ages by the rules and never by the expiry. */
const expiresInSeconds = 3_600;
/** The least that the browser allows; the server's own five minutes begin with the last input told. */
const idleThresholdMs = 60_000;
const signals = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'visibilitychange'] as const;

const browserDetector = () => (globalThis as { IdleDetector?: IdleDetectorClass }).IdleDetector;

/** Says whether this browser can notice input outside the page. */
export const canSenseMachine = () => browserDetector() !== undefined;

/** Asks the person for it; must be called from a click. Takes effect with the next `startSensing`. */
export async function allowSensingMachine(): Promise<boolean> {
  return (await browserDetector()?.requestPermission()) === 'granted';
}

/** Begins to sense; the result ends it. */
export function startSensing(options: SensingOptions): () => void {
  const now = options.now ?? Date.now;
  const Detector = 'detector' in options ? options.detector : browserDetector();
  const key = `jellybean:input:${options.scope}`;
  const ended = new AbortController();
  let published = Number.NEGATIVE_INFINITY;

  function publishedAt(): number {
    try {
      // Other pages of this person on this machine are the same device: one of them is enough.
      return Math.max(published, Number(options.storage?.getItem(key) ?? 0));
    } catch {
      return published;
    }
  }

  function publish(availability: 'available' | 'away'): void {
    const at = now();
    published = at;
    try {
      options.storage?.setItem(key, String(at));
    } catch {
      // Without storage each page publishes for itself, into the same publication.
    }
    options.api
      .publish(`machine-${options.endpoint}`, {
        kind: 'machine',
        endpoint: options.endpoint,
        availability,
        idleSeconds: 0,
        expiresInSeconds,
      })
      .catch(() => {
        // Said again with the next input.
        published = Number.NEGATIVE_INFINITY;
      });
  }

  function onInput(event: Event): void {
    if (event.type === 'visibilitychange' && options.target.visibilityState !== 'visible') return;
    if (now() - publishedAt() >= everyMs) publish('available');
  }

  async function senseMachine(given: IdleDetectorClass): Promise<void> {
    const detector = new given();
    let wasLocked = false;
    let timer: ReturnType<typeof setInterval> | null = null;
    // While there is input, no event comes: it is told again and again until the machine falls idle.
    const repeat = (isActive: boolean) => {
      if (timer !== null) clearInterval(timer);
      timer = isActive ? setInterval(() => publish('available'), 3 * everyMs) : null;
    };
    detector.addEventListener('change', () => {
      const isLocked = detector.screenState === 'locked';
      const isActive = detector.userState === 'active' && !isLocked;
      if (isLocked && !wasLocked) publish('away');
      else if (isActive) publish('available');
      wasLocked = isLocked;
      repeat(isActive);
    });
    ended.signal.addEventListener('abort', () => repeat(false));
    await detector.start({ threshold: idleThresholdMs, signal: ended.signal });
  }
  if (Detector) {
    senseMachine(Detector).catch(() => {
      // Not allowed, or not in this frame: input in the page has to do.
    });
  }

  for (const signal of signals)
    options.target.addEventListener(signal, onInput, { passive: true, capture: true });
  return () => {
    ended.abort();
    for (const signal of signals) options.target.removeEventListener(signal, onInput, { capture: true });
  };
}
