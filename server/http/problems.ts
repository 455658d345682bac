/** Errors → RFC 9457 problems. What is not a DomainError is `internal`: logged with its stack, told to nobody. */
import { DomainError } from '../domain/errors.ts';
import type { Log } from '../log.ts';
import { type Problem, problemCodes } from '../protocol/problems.ts';

/** The problem document of an error, and the headers that belong to it. Never carries a secret or a stack. */
export function problemOf(
  error: unknown,
  requestId: string,
  log: Log,
): { problem: Problem; headers: Record<string, string> } {
  const known =
    error instanceof DomainError
      ? error
      : new DomainError('internal', 'Something failed on the server; the log has it under this request id.', {
          cause: error,
        });
  if (known.code === 'internal') log.error({ requestId, err: known.cause ?? known }, 'request failed');
  const [status, title] = problemCodes[known.code];
  const headers: Record<string, string> = {};
  if (status === 401) headers['www-authenticate'] = `Bearer error="${known.code}"`;
  if (status === 429 || status === 503) headers['retry-after'] = String(known.retryAfterSeconds ?? 1);
  return {
    problem: {
      type: `urn:jellybean:problem:${known.code}`,
      title,
      status,
      code: known.code,
      detail: known.message,
      requestId,
      ...(known.errors === undefined ? {} : { errors: [...known.errors] }),
    },
    headers,
  };
}
