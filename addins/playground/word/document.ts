/**
 * The document that is played: paragraphs of runs, comments, tracked changes, fields, who wrote it, what is
 * selected. What Word itself would know; how office.js asks for it is `object-model.ts`.
 */
import type { ThemeName } from '../outlook/mailbox.ts';

export interface Writer {
  readonly name: string;
  /** Empty where the file names only names, as the properties of a document do. */
  readonly address: string;
}

export interface Run {
  readonly text: string;
  /** Address of a link, `mailto:` among them. */
  readonly link?: string;
  readonly change?: { readonly kind: 'inserted' | 'deleted'; readonly by: string };
  /** Comments whose range holds this run. */
  readonly comments?: readonly string[];
  /** The field (content control) that the run is in. */
  readonly field?: { readonly tag: string; readonly title: string };
}

export type PlacedRun = Run & { readonly ends: boolean };

export interface Paragraph {
  readonly style: 'title' | 'heading' | 'text' | 'item';
  readonly runs: readonly Run[];
}

export interface Comment {
  readonly id: string;
  readonly by: Writer;
  readonly at: Date;
  readonly text: string;
  readonly isResolved: boolean;
  readonly replies: readonly Omit<Comment, 'replies' | 'isResolved'>[];
}

export interface WordFile {
  readonly name: string;
  /** Where the document is kept, the same for everybody who opens it; empty where it is a file of one's own. */
  readonly url: string;
  readonly title: string;
  readonly author: string;
  readonly lastAuthor: string;
  readonly createdAt: Date;
  readonly paragraphs: readonly Paragraph[];
  readonly comments: readonly Comment[];
}

/** Runs counted through the whole document, both ends included. */
export interface RunRange {
  readonly from: number;
  readonly to: number;
}

export interface PlayedDocument {
  readonly file: WordFile;
  readonly selection: RunRange | null;
  readonly theme: ThemeName;
  /** All runs in the order of the text; `ends` where a paragraph does. */
  readonly runs: readonly PlacedRun[];
  load(file: WordFile): void;
  select(range: RunRange | null): void;
  addComment(comment: Omit<Comment, 'id'>, range: RunRange): void;
  setTheme(theme: ThemeName): void;
  subscribe(listener: (change: DocumentChange) => void): () => void;
}
export type DocumentChange = 'file' | 'selection' | 'content' | 'theme';

/** Opens a file; nothing is selected. */
export function createDocument(first: WordFile): PlayedDocument {
  let file = first;
  let selection: RunRange | null = null;
  let theme: ThemeName = 'light';
  const listeners = new Set<(change: DocumentChange) => void>();
  const tell = (change: DocumentChange): void => {
    for (const listener of listeners) listener(change);
  };
  return {
    get file() {
      return file;
    },
    get selection() {
      return selection;
    },
    get theme() {
      return theme;
    },
    get runs() {
      return file.paragraphs.flatMap(({ runs }) =>
        runs.map((run, index) => ({ ...run, ends: index === runs.length - 1 })),
      );
    },
    load(next) {
      file = next;
      selection = null;
      tell('file');
    },
    select(range) {
      if (range?.from === selection?.from && range?.to === selection?.to) return;
      selection = range;
      tell('selection');
    },
    addComment(comment, range) {
      const id = `comment-${file.comments.length + 1}`;
      let place = -1;
      const paragraphs = file.paragraphs.map((paragraph) => ({
        ...paragraph,
        runs: paragraph.runs.map((run) => {
          place += 1;
          return place < range.from || place > range.to
            ? run
            : { ...run, comments: [...(run.comments ?? []), id] };
        }),
      }));
      file = { ...file, paragraphs, comments: [...file.comments, { ...comment, id }] };
      tell('content');
    },
    setTheme(next) {
      theme = next;
      tell('theme');
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
