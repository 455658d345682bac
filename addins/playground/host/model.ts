/**
 * What one Office application must bring to be played: its identity, what it answers, and how it says no.
 * `frame.ts` does the rest. Outlook is the first; Word and Excel take the same shape.
 */

export interface Application {
  readonly name: 'Outlook' | 'Word' | 'Excel';
  /** office.js' number for the application on the web. */
  readonly number: number;
  /** Which host file office.js loads: Outlook on the web is 16.01, Word and Excel are 16.00. */
  readonly fileVersion: '16.00' | '16.01';
  /** 1: the pane's runtime is shared; 2: it answers custom functions. */
  readonly flags?: number;
}

/** Called by the model to raise an event in every frame that registered for it. */
export type Emit = (event: string, data: unknown) => void;

export interface HostModel {
  readonly application: Application;
  /** Requirement sets and their highest version, `{ Mailbox: '1.13' }`. */
  requirementSets(): Readonly<Record<string, string>>;
  /** The parts of the app context that belong to the application. */
  appContext(): Readonly<Record<string, unknown>>;
  /** A short, stable name for a call, for the log and for making it slow or failing: `recipients.get`. */
  nameOf(action: string, data: unknown): string;
  /** Answers a call; may throw, which the frame turns into a transport error. */
  answer(action: string, data: unknown): unknown;
  /** The answer that the application gives when it refuses a call. */
  refusal(action: string): unknown;
  /** An add-in has registered for an event (in Outlook, some are answered with the state of things). */
  registered?(event: string): void;
  /** Connects the model to its frames; the answer disconnects. */
  connect(emit: Emit): () => void;
}

/** How the host behaves, changed while it runs by the playground's controls and by tests. */
export interface Conditions {
  /** Added to every answer. */
  delayMs: number;
  /** Names of calls that are refused; `*` refuses all. */
  readonly failing: Set<string>;
  /** Names of calls that are never answered. */
  readonly silent: Set<string>;
  /** Requirement sets taken away. */
  readonly missing: Set<string>;
}

/** A host in good health. */
export function createConditions(): Conditions {
  return { delayMs: 0, failing: new Set(), silent: new Set(), missing: new Set() };
}
