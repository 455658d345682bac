/** What an engine's errors mean to callers: the store is away (retry), or the row is there already. */
import { DomainError } from '../../domain/errors.ts';

/** The store cannot be written or read now; `cause` says why and goes to the log, never to a client. */
export const unavailable = (cause: unknown) =>
  new DomainError('store-unavailable', 'The store cannot take this now; nothing was saved. Try again.', {
    cause,
    retryAfterSeconds: 2,
  });

/** A row of that key exists already. */
export const conflict = (cause: unknown) =>
  new DomainError('conflict', 'Another request has stored this already.', { cause });

export const closed = () =>
  new DomainError('shutting-down', 'The server is shutting down; try again in a moment.', {
    retryAfterSeconds: 2,
  });
