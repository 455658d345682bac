/** The log: structured lines to standard output. Tokens and texts never reach it; ids, codes and counts do. */
import { pino } from 'pino';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Creates the log. `redact` is the last line of defence; nobody hands it a token in the first place. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [
      'authorization',
      '*.authorization',
      'token',
      '*.token',
      'text',
      '*.text',
      'headers',
      '*.headers',
    ],
  });
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
