/** The position on a person's stream: epoch and event number. Opaque to clients; a cursor without an epoch would lie after a restore. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

export const formatCursor = (epoch: string, seq: number): string => `${epoch}.${seq}`;

/** Reads a cursor; `'invalid'` where the text is none of ours. */
export function parseCursor(text: string): Cursor | 'invalid' {
  const match = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/.exec(text);
  return match === null ? 'invalid' : { epoch: match[1] as string, seq: Number(match[2]) };
}
