/**
 * The words that office.js and the page that hosts an add-in exchange through `postMessage`. Taken from what
 * the published library sends and accepts; nothing in here knows Outlook, Word or Excel.
 */

/** A request or an answer, as JSON text in `MessageEvent.data`. The underscores are office.js' own. */
export interface Envelope {
  readonly _messageType: number;
  readonly _actionName: string;
  readonly _conversationId: string;
  readonly _correlationId: number;
  readonly _actionType?: number;
  readonly _data?: unknown;
}

export const messageType = { request: 0, response: 1 } as const;
export const actionType = { invoke: 0, register: 1, unregister: 2 } as const;
const responseType = { call: 0, event: 1 } as const;
/** Outcome of the transport, not of the call: a refused call still arrives with `ok` and an error inside. */
export const resultCode = { ok: 0, failed: -2, denied: -5 } as const;

/** What the add-in tells its host about focus and keys; the numbers are office.js' own. */
export const notice = {
  focused: 0,
  blurred: 1,
  tabIn: 11,
  tabOut: 13,
  tabOutBackwards: 14,
  escape: 15,
  nothingFocusable: 17,
  targetUrl: 21,
} as const;

/** Reads one message, or null when it is not of this protocol (other frames post messages too). */
export function parseEnvelope(text: unknown): Envelope | null {
  if (typeof text !== 'string' || !text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && '_messageType' in value && '_actionName' in value
      ? (value as Envelope)
      : null;
  } catch {
    return null;
  }
}

/** Formats the answer to a call. */
export function formatAnswer(request: Envelope, code: number, data: unknown): string {
  return format(request, responseType.call, code, data);
}

/** Formats an event. Events answer, for ever, the request that registered for them. */
export function formatEvent(registration: Envelope, data: unknown): string {
  return format(registration, responseType.event, resultCode.ok, data);
}

function format(request: Envelope, kind: number, code: number, data: unknown): string {
  return JSON.stringify({
    _messageType: messageType.response,
    _actionName: request._actionName,
    _conversationId: request._conversationId,
    _correlationId: request._correlationId,
    _origin: location.href,
    _errorCode: code,
    _responseType: kind,
    _data: data,
    _serializerVersion: 1,
  });
}
