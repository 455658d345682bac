/**
 * Lets a suite stand aside where the machine lacks what it needs (a browser, a database), and never
 * silently: the reason is printed, and under CI (`CI` set) a missing thing is a failure, because there
 * everything must run.
 */
import { describe } from 'vitest';

const isTrue = (value: string | undefined) =>
  value !== undefined && value !== '' && value !== 'false' && value !== '0';

/**
 * Returns `describe` where the condition holds, and elsewhere one that skips its suite with the reason:
 * `skipUnless(hasChromium(), 'Chromium is not installed')('the state menu', () => { … })`.
 */
export function skipUnless(condition: boolean, reason: string): typeof describe | typeof describe.skip {
  if (condition) return describe;
  if (isTrue(process.env.CI)) throw new Error(`${reason}; under CI nothing may be skipped`);
  // Straight to the terminal: the runner shows what is logged only for suites that ran.
  process.stderr.write(`skipped: ${reason}\n`);
  return describe.skip;
}
