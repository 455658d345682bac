/** One's own calendar and other people's free time. Each row parses, makes one call, and answers. */
import { DomainError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import { isTimeZone } from '../../domain/reader.ts';
import type { BusyTime } from '../../ports/calendar.ts';
import { calendarAnswerSchema, calendarInputSchema, freeBusySchema } from '../../protocol/calendar.ts';
import type { Calendars } from '../../services/calendars.ts';
import type { PresenceService } from '../../services/presence.ts';
import { noContent, ok, type Route, route } from '../route.ts';

export function calendarRoutes(services: {
  calendars: Calendars;
  presence: PresenceService;
  /** What other systems know of somebody's time. */
  otherTimes: (userId: UserId) => readonly BusyTime[];
}): Route[] {
  const { calendars, presence, otherTimes } = services;
  return [
    route({
      method: 'GET',
      path: '/me/calendar',
      access: 'person',
      limit: 'query',
      summary: 'Where one’s calendar is read from, and whether that works.',
      answers: { 200: calendarAnswerSchema },
      handle: ({ principal }) => ok(calendars.get(principal.userId)),
    }),
    route({
      method: 'PUT',
      path: '/me/calendar',
      access: 'person',
      limit: 'upload',
      summary:
        'Gives the address or text of an iCalendar, switches it on or off, sets working hours; what is not named stays.',
      body: calendarInputSchema,
      answers: { 200: calendarAnswerSchema },
      problems: ['address-refused', 'calendar-unreadable'],
      async handle({ principal, body }) {
        const zone = body.workingHours?.timeZone;
        if (zone !== undefined && !isTimeZone(zone))
          throw new DomainError('invalid-input', `There is no time zone "${zone}".`, {
            errors: [{ pointer: '/workingHours/timeZone', message: 'is not an IANA time zone' }],
          });
        return ok(await calendars.put(principal.userId, body));
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/calendar',
      access: 'person',
      limit: 'write',
      summary: 'Forgets one’s calendar and working hours.',
      answers: { 204: null },
      async handle({ principal }) {
        await calendars.remove(principal.userId);
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: '/people/{id}/free-busy',
      access: 'any',
      limit: 'query',
      summary: 'When a person is busy in the coming days, as far as the caller may see it.',
      answers: { 200: freeBusySchema },
      problems: ['not-found'],
      async handle({ principal, params }) {
        const [id] = await presence.know([params.id ?? '', principal.userId]);
        if (id == null) throw new DomainError('not-found', 'There is no such person in the directory.');
        return ok(calendars.freeBusy(id, presence.disclosureClass(id, principal), otherTimes(id)));
      },
    }),
  ];
}
