/**
 * What is said between a page of others, our frame in it, and the sign-in window. The page learns what its
 * icons show and nothing else; who is signed in and with which token never leaves our own origin.
 */
import type { Availability } from '../../server/protocol/vocabulary.ts';

/** One icon's content, ready to show. */
export interface EmbedView {
  readonly address: string;
  readonly availability: Availability;
  readonly isOutOfOffice: boolean;
  readonly isStale: boolean;
  /** What a screen reader and a tooltip say: "Bob Kovács: in a meeting until 15:00". */
  readonly label: string;
}

export type EmbedState = 'signed-out' | 'signed-in';

export type PageMessage = { readonly type: 'jellybean.watch'; readonly addresses: readonly string[] };
export type FrameMessage =
  /** The frame has loaded and listens. */
  | { readonly type: 'jellybean.ready' }
  | { readonly type: 'jellybean.state'; readonly state: EmbedState; readonly hint: string }
  | { readonly type: 'jellybean.views'; readonly views: readonly EmbedView[] };

/** Between our own two windows, of one origin. */
export type WindowMessage =
  | { readonly type: 'jellybean.who-embeds' }
  /** `challenge` is the frame's: what the window brings back is worth something to that frame alone. */
  | { readonly type: 'jellybean.embedded-in'; readonly origin: string; readonly challenge: string }
  | { readonly type: 'jellybean.signed-in'; readonly user: string }
  | { readonly type: 'jellybean.code'; readonly code: string };

/** Reads a message of ours, or null: any window may post anything. */
export function parseMessage<Message extends { readonly type: string }>(data: unknown): Message | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  return typeof data.type === 'string' && data.type.startsWith('jellybean.') ? (data as Message) : null;
}

/** More icons than this on one page are a mistake or an attack. */
export const largestWatch = 1_000;
