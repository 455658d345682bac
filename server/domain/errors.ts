/**
 * The one error class of the rules: a stable code says who must act and whether to retry; the sentence says
 * what was wrong, with which value (never a secret), and what to do.
 */
import { type ProblemCode, problemCodes } from '../protocol/problems.ts';

/** A refusal or failure with a stable code; HTTP status and title follow from the code alone. */
export class DomainError extends Error {
  readonly code: ProblemCode;
  /** JSON pointers into the input with what was wrong there; only for `invalid-input`. */
  readonly errors: readonly { pointer: string; message: string }[] | undefined;
  /** When to try again, for 429 and 503. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      cause?: unknown;
      errors?: readonly { pointer: string; message: string }[];
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return problemCodes[this.code][0];
  }
}
