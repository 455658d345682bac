/** Address cards (vCard, RFC 6350 and the older 3.0 and 2.1) as contact lists need them. */

export interface Card {
  readonly name: string;
  /** Mail and chat addresses, in the order of the card. */
  readonly addresses: readonly string[];
  /** Names of groups. */
  readonly categories: readonly string[];
  readonly phones: readonly { readonly kind: 'work' | 'cell' | 'home'; readonly number: string }[];
  readonly title: string | null;
  readonly organisation: string | null;
  readonly department: string | null;
}

export interface CardFile {
  /**
   * Reads every card of a text, at most `most`. The text may be hostile: reading is bounded like that of
   * calendars. Throws DomainError `cards-unreadable`.
   */
  read(text: string, most: number): Promise<readonly Card[]>;
  /** Writes cards as vCard 3.0, which every address book reads. */
  write(cards: readonly Card[]): string;
}
