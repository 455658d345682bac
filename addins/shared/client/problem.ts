/**
 * What a failed call says: one error type with the problem's stable code. Callers switch on `code` and
 * `retryable`, never on a sentence.
 */
import type { Problem, ProblemCode } from '../../../server/protocol/problems.ts';
import { type MessageKey, t } from '../i18n/i18n.ts';

/** `unreachable` is ours: no answer came at all. */
export type FailureCode = ProblemCode | 'unreachable';

export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly code: FailureCode;
  readonly status: number;
  /** Milliseconds that the server asks to wait, from `Retry-After`. */
  readonly retryAfterMs: number | null;
  readonly problem: Problem | null;

  constructor(
    code: FailureCode,
    status: number,
    problem: Problem | null,
    retryAfterMs: number | null = null,
  ) {
    super(problem?.detail ?? code);
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** True when the same request may succeed later without anybody doing anything about it. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const spoken: Partial<Record<FailureCode, MessageKey>> = {
  unreachable: 'problem.unreachable',
  'rate-limited': 'problem.rate-limited',
  'store-unavailable': 'problem.store-unavailable',
  'shutting-down': 'problem.unreachable',
  'too-many-participants': 'problem.too-many-participants',
  'not-found': 'problem.not-found',
  forbidden: 'problem.forbidden',
  'appear-offline-not-allowed': 'problem.appear-offline-not-allowed',
  'attachment-blocked': 'problem.attachment-blocked',
  'too-many-contacts': 'problem.too-many-contacts',
  'unknown-person': 'problem.unknown-person',
  'message-deleted': 'problem.message-deleted',
};

/** Says a failure in the reader's language; what has no sentence of its own is told in the server's words. */
export function formatFailure(error: unknown): string {
  if (!(error instanceof ApiFailure)) return String(error instanceof Error ? error.message : error);
  const key = spoken[error.code];
  return key ? t(key as 'problem.unreachable') : (error.problem?.detail ?? error.code);
}
