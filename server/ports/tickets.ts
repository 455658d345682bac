/** Small things that are good once, for a minute: one-time codes, sessions that have ended. */
export interface Tickets {
  /**
   * Keeps `body` under `key` until `expiresAt` (epoch ms), in place of an earlier one. Visible to every node
   * when it resolves. What has ended is swept away little by little. Not bounded: put nothing here for
   * callers whom nobody knows.
   */
  put(key: string, body: string, expiresAt: number): Promise<void>;
  /** Gives a body and forgets it, atomically: of two who ask at once, one gets null. Null past its end, too. */
  take(key: string): Promise<string | null>;
  /** True while there is one; it stays. */
  has(key: string): Promise<boolean>;
  /** Those of these keys under which there is one. */
  hasAny(keys: readonly string[]): Promise<ReadonlySet<string>>;
}
