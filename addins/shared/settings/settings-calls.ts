/** What only the settings ask of the server, beside the calls that every page makes. */
import type { CalendarAnswer, CalendarInput } from '../../../server/protocol/calendar.ts';
import type { Connections, ConnectionsInput } from '../../../server/protocol/connections.ts';
import type { ImportAnswer } from '../../../server/protocol/contacts.ts';
import type { OutOfOfficeInput } from '../../../server/protocol/presence.ts';
import type { Client } from '../client/client.ts';

export const settingsCalls = ({ api }: Client) => ({
  calendar: () => api.call<CalendarAnswer>('GET', '/me/calendar'),
  putCalendar: (input: CalendarInput) => api.call<CalendarAnswer>('PUT', '/me/calendar', { body: input }),
  connections: () => api.call<Connections>('GET', '/me/connections'),
  putConnections: (input: ConnectionsInput) =>
    api.call<Connections>('PUT', '/me/connections', { body: input }),
  messaging: () => api.call<{ readReceipts: boolean }>('GET', '/me/messaging'),
  putMessaging: (readReceipts: boolean) =>
    api.call<unknown>('PUT', '/me/messaging', { body: { readReceipts } }),
  setAbsence: (input: OutOfOfficeInput) => api.call<unknown>('PUT', '/me/out-of-office', { body: input }),
  endAbsence: () => api.call<void>('DELETE', '/me/out-of-office'),
  putPhoto: (picture: Blob) => api.call<unknown>('PUT', '/me/photo', { body: picture }),
  removePhoto: () => api.call<void>('DELETE', '/me/photo'),
  exportCards: () => api.blob('/me/contacts/export'),
  importCards: (cards: string) =>
    api.call<ImportAnswer>('POST', '/me/contacts/import', {
      body: new Blob([cards], { type: 'text/vcard' }),
      retries: 2,
    }),
});
