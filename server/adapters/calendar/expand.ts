/**
 * iCalendar text → stretches of time. Pure and bounded in steps, not in time: it runs in a worker
 * (reader.ts), because a recurrence rule can be written to turn for ever.
 */
import ICAL from 'ical.js';
import type { BusyTime } from '../../ports/calendar.ts';
import { toInstant } from './zones.ts';

/** Occurrences looked at per calendar; a daily item of thirty years has eleven thousand. */
const stepsMost = 100_000;
const timesMost = 2_000;

export interface ExpandInput {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly owner: readonly string[];
  readonly timeZone: string;
}

/** Reads a calendar; throws where the text is no calendar at all. An item that makes no sense is left out. */
export function expand(input: ExpandInput): BusyTime[] {
  const root = new ICAL.Component(ICAL.parse(input.text) as unknown[]);
  // A text may hold several calendars one after the other; the parser then answers a list of them.
  const calendars = root.name === 'vcalendar' ? [root] : root.getAllSubcomponents('vcalendar');
  if (calendars.length === 0) throw new Error('There is no VCALENDAR in it.');
  const times: BusyTime[] = [];
  const budget = { steps: stepsMost };
  for (const calendar of calendars) {
    const zone = String(calendar.getFirstPropertyValue('x-wr-timezone') ?? '') || input.timeZone;
    for (const zoneComponent of calendar.getAllSubcomponents('vtimezone')) {
      const timezone = new ICAL.Timezone(zoneComponent);
      if (!ICAL.TimezoneService.has(timezone.tzid)) ICAL.TimezoneService.register(timezone);
    }
    // A zone that is named but not described keeps its name, by which this runtime may know it.
    for (const [, quoted, bare] of input.text.matchAll(/;TZID=(?:"([^"\r\n]{1,100})"|([^:;\r\n]{1,100}))/g)) {
      const tzid = quoted ?? bare ?? '';
      if (ICAL.TimezoneService.has(tzid)) continue;
      ICAL.TimezoneService.register(new ICAL.Timezone({ tzid, component: new ICAL.Component('vtimezone') }));
    }
    const components = calendar.getAllSubcomponents('vevent');
    const exceptions = new Map<string, ICAL.Component[]>();
    for (const component of components) {
      if (!component.hasProperty('recurrence-id')) continue;
      const uid = String(component.getFirstPropertyValue('uid'));
      exceptions.set(uid, [...(exceptions.get(uid) ?? []), component]);
    }
    for (const component of components) {
      if (component.hasProperty('recurrence-id')) continue;
      try {
        addEvent(component, exceptions.get(String(component.getFirstPropertyValue('uid'))) ?? [], zone);
      } catch {
        // One broken item must not hide the rest of a day.
      }
    }
    for (const component of calendar.getAllSubcomponents('vfreebusy')) addFreeBusy(component, zone);
  }
  ICAL.TimezoneService.reset();
  return times.sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt).slice(0, timesMost);

  function addEvent(component: ICAL.Component, changed: readonly ICAL.Component[], zone: string): void {
    const event = new ICAL.Event(component);
    for (const exception of changed) event.relateException(exception);
    const uid = event.uid ?? '';
    if (!event.isRecurring()) {
      add(event, uid, event.startDate, event.endDate, zone);
      return;
    }
    const iterator = event.iterator();
    for (let next = iterator.next(); next; next = iterator.next()) {
      budget.steps -= 1;
      if (budget.steps < 0) throw new Error('The calendar recurs too often.');
      const occurrence = event.getOccurrenceDetails(next);
      // Rules run forward in time; exceptions may be moved, so the rule's own moment ends the search.
      if (toInstant(next, zone) >= input.to) break;
      add(
        occurrence.item,
        `${uid}/${occurrence.recurrenceId.toString()}`,
        occurrence.startDate,
        occurrence.endDate,
        zone,
      );
    }
  }

  function add(event: ICAL.Event, id: string, start: ICAL.Time, end: ICAL.Time, zone: string): void {
    const kind = kindOf(event.component, input.owner);
    if (kind === null) return;
    const startsAt = toInstant(start, zone);
    const endsAt = toInstant(end, zone);
    if (!(endsAt > startsAt) || endsAt <= input.from || startsAt >= input.to) return;
    const secret = /^(PRIVATE|CONFIDENTIAL)$/i.test(
      String(event.component.getFirstPropertyValue('class') ?? ''),
    );
    times.push({
      id,
      startsAt,
      endsAt,
      kind,
      isMeeting: event.component.hasProperty('attendee'),
      subject: secret ? null : (event.summary ?? '').slice(0, 255) || null,
    });
  }

  function addFreeBusy(component: ICAL.Component, zone: string): void {
    for (const property of component.getAllProperties('freebusy')) {
      const type = String(property.getParameter('fbtype') ?? 'BUSY').toUpperCase();
      if (type === 'FREE') continue;
      for (const period of property.getValues() as ICAL.Period[]) {
        const startsAt = toInstant(period.start, zone);
        const endsAt = toInstant(period.getEnd(), zone);
        if (!(endsAt > startsAt) || endsAt <= input.from || startsAt >= input.to) continue;
        times.push({
          id: `${startsAt}/${endsAt}`,
          startsAt,
          endsAt,
          kind:
            type === 'BUSY-TENTATIVE' ? 'tentative' : type === 'BUSY-UNAVAILABLE' ? 'out-of-office' : 'busy',
          isMeeting: false,
          subject: null,
        });
      }
    }
  }
}

/** What an item does to its owner's time; null = nothing. Exchange's own word goes before the standard's. */
function kindOf(component: ICAL.Component, owner: readonly string[]): BusyTime['kind'] | null {
  const value = (name: string) => String(component.getFirstPropertyValue(name) ?? '').toUpperCase();
  if (value('status') === 'CANCELLED') return null;
  for (const attendee of component.getAllProperties('attendee')) {
    const address = String(attendee.getFirstValue() ?? '')
      .replace(/^mailto:/i, '')
      .toLowerCase();
    if (!owner.includes(address)) continue;
    const answer = String(attendee.getParameter('partstat') ?? '').toUpperCase();
    if (answer === 'DECLINED') return null;
    if (answer === 'TENTATIVE') return 'tentative';
  }
  switch (value('x-microsoft-cdo-busystatus')) {
    case 'FREE':
    case 'WORKINGELSEWHERE':
      return null;
    case 'OOF':
      return 'out-of-office';
    case 'TENTATIVE':
      return 'tentative';
    case 'BUSY':
      return 'busy';
  }
  if (value('transp') === 'TRANSPARENT') return null;
  return value('status') === 'TENTATIVE' ? 'tentative' : 'busy';
}
