/**
 * What a page of another product (SharePoint, its playground) says to our programs in it, and they to it. Types
 * only and without imports: `npm run sharepoint` hands this file to SharePoint's own compiler, which knows
 * nothing of ours.
 */

/** Somebody as the page names them; the server finds out who it is by the address. */
export interface PagePerson {
  readonly name: string;
  /** Mail address or user principal name; empty where the page knows a name only. */
  readonly address: string;
  /** Why they are here, in the reader's language: “Author”. */
  readonly role?: string;
}

/** What a conversation about the page is about. The same for everybody who reads it. */
export interface PageTopic {
  readonly title: string;
  readonly url: string;
  readonly itemId: string;
}

/** How people are laid out: rows, one dense line each, or tiles. */
export type PeopleLayout = 'list' | 'compact' | 'cards';

/** The page's colours: Fluent UI's semantic colours by name, and whether light stands on dark. */
export interface PageTheme {
  readonly isDark: boolean;
  readonly colours: Readonly<Record<string, string | undefined>>;
}

/** How to reach the server from this page, and as whom. */
export interface ServerAccess {
  /** Origin of the server, without a trailing slash. */
  readonly server: string;
  /** Who reads the page, as the page knows them; a demo server signs in whom this names. */
  readonly user: string;
  /** Language tags of the page, best first. */
  readonly languages: readonly string[];
  /**
   * Gives a bearer for the resource (`api://…`), afresh where `renew` says that the last one was refused; null
   * where the page has no such way, and the person signs in by a window of the server instead.
   */
  readonly bearer: ((resource: string, renew: boolean) => Promise<string>) | null;
}

/** `null` people: the page is still finding out. `problem`: it could not, said in a sentence. */
export interface PeoplePartInput {
  readonly people: readonly PagePerson[] | null;
  readonly problem: string;
  readonly heading: string;
  readonly layout: PeopleLayout;
  /** Null where there is nothing to talk about, and chats are with people alone. */
  readonly topic: PageTopic | null;
  readonly theme: PageTheme | null;
}

export interface PeoplePart {
  /** Changes what is given and leaves the rest. */
  update(change: Partial<PeoplePartInput>): void;
  /** Empties the place and lets go of the connection. */
  close(): void;
}

export interface PeopleColumn {
  /** Shows these people in a cell, one beside the other, each with an icon before the name. */
  show(cell: HTMLElement, people: readonly PagePerson[]): void;
  /** The cell has scrolled away or been redrawn. */
  forget(cell: HTMLElement): void;
  close(): void;
}

export type OpenPeoplePart = (place: HTMLElement, access: ServerAccess, input: PeoplePartInput) => PeoplePart;
export type OpenPeopleColumn = (access: ServerAccess) => PeopleColumn;
