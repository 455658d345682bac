/**
 * The one door to Excel's runtime of custom functions: associating what a cell calls with what answers it, and
 * the errors that a cell can show. In the shared runtime of pane and functions it comes with office.js.
 */

/** One cell that is being answered, and again whenever there is something new. */
export interface Invocation {
  setResult(value: unknown): void;
  /** Called when nobody wants the answer any more: the formula is gone, or its argument is another. */
  onCanceled?: () => void;
}

type Answer = (...given: never[]) => unknown;
interface Runtime {
  associate(id: string, answer: Answer): void;
  readonly Error?: new (code: string, message: string) => Error;
}
interface Globals {
  readonly jellybeanOffice?: Promise<boolean>;
  readonly CustomFunctions?: Runtime;
}

/** What a cell shows in place of an answer: `#N/A` or `#VALUE!`, with a sentence behind it. */
export type CellFault = '#N/A' | '#VALUE!';

/** Associates the functions as soon as the runtime is there, which is before it asks for any. */
export async function associateFunctions(answers: Readonly<Record<string, Answer>>): Promise<void> {
  const globals = globalThis as unknown as Globals;
  await globals.jellybeanOffice;
  for (const [id, answer] of Object.entries(answers)) globals.CustomFunctions?.associate(id, answer);
}

/** Makes the error that a function throws or rejects with. */
export function cellFault(fault: CellFault, message: string): Error {
  const { CustomFunctions } = globalThis as unknown as Globals;
  // Before the host's part of the library has come there is no class for it; then Excel shows `#VALUE!`.
  return CustomFunctions?.Error === undefined
    ? new Error(message)
    : new CustomFunctions.Error(fault, message);
}
