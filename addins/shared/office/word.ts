/**
 * The slice of Word's object model that Jellybean uses, as interfaces that the real library and the tests' fake
 * both fulfil. Values are read after `load` and `sync`; newer members may be missing, and are asked for by name.
 */

interface Loadable {
  load(paths: string): unknown;
}
interface Many<Item> extends Loadable {
  readonly items: readonly Item[];
}
interface Later<Value> {
  readonly value: Value;
}

export interface WordRemark {
  readonly authorName: string;
  readonly authorEmail: string;
  readonly content: string;
  readonly creationDate: Date;
}
export interface WordComment extends WordRemark {
  readonly replies: { readonly items: readonly WordRemark[] };
}
export interface WordField {
  readonly tag: string;
  readonly title: string;
  readonly text: string;
}
export interface WordRange extends Loadable {
  readonly text: string;
  readonly hyperlink: string;
  readonly contentControls: Many<WordField>;
  getComments(): Many<WordComment>;
  getHyperlinkRanges(): Many<WordRange>;
}
export interface WordBody extends Loadable {
  readonly text: string;
  getComments(): Many<WordComment>;
  getRange(): WordRange;
  getOoxml(): Later<string>;
  /** WordApi 1.6. */
  getTrackedChanges?(): Many<{ readonly author: string }>;
}
export interface WordCoauthor {
  readonly name: string;
  readonly emailAddress: string;
}
export interface WordDocument {
  readonly body: WordBody;
  readonly contentControls: Many<WordField>;
  readonly properties: Loadable & {
    readonly title: string;
    readonly author: string;
    readonly lastAuthor: string;
    readonly creationDate: Date;
  };
  getSelection(): WordRange;
  /** WordApiDesktop 1.4. */
  readonly coauthoring?: { readonly authors: Many<WordCoauthor> };
}
export interface WordContext {
  readonly document: WordDocument;
  sync(): Promise<void>;
}
export type RunWord = <Answer>(batch: (context: WordContext) => Promise<Answer>) => Promise<Answer>;

/** Word's `run`, or null where the page is not in Word. */
export function runnerOfWord(): RunWord | null {
  return (globalThis as unknown as { Word?: { run: RunWord } }).Word?.run ?? null;
}
