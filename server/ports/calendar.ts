/** Calendars as presence needs them: what is busy when, out of a text that anybody may have written. */

/** One stretch of somebody's time, in epoch ms. */
export interface BusyTime {
  /** Stable for the same occurrence of the same item. */
  readonly id: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly kind: 'busy' | 'tentative' | 'out-of-office';
  /** True where others take part; an appointment with oneself is no meeting. */
  readonly isMeeting: boolean;
  /** Null for private items. */
  readonly subject: string | null;
}

export interface CalendarReader {
  /**
   * Reads an iCalendar text (RFC 5545) and answers what is busy, tentative or out of office between two
   * moments, in order of beginning, recurrences expanded in the item's own time zone; free, cancelled and
   * declined items are left out. `owner` are the person's addresses, `timeZone` stands for times without
   * one. The text may be hostile: reading is bounded in time and memory and never blocks the server. Throws
   * DomainError `calendar-unreadable`.
   */
  read(
    text: string,
    from: number,
    to: number,
    owner: readonly string[],
    timeZone: string,
  ): Promise<readonly BusyTime[]>;
  close(): Promise<void>;
}

export interface Fetched {
  /** Null = not changed since the entity tag that was sent. */
  readonly text: string | null;
  readonly etag: string | null;
}

/** Reads texts from addresses that people typed; the only way out of the house for such addresses. */
export interface OutboundFetch {
  /** Throws DomainError `address-refused` for one that will never be fetched; opens nothing. */
  check(url: string): void;
  /**
   * Fetches at most `maxBytes` of text. Refuses other schemes and ports than allowed, credentials in the
   * address, and every host that resolves, now or after a redirect, to an address that is not public,
   * unless it was configured. Throws DomainError `address-refused` or `fetch-failed`; neither names what
   * was found inside the network.
   */
  text(url: string, options: { maxBytes: number; etag: string | null; accept: string }): Promise<Fetched>;
}
