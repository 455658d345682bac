/**
 * Calendars without Microsoft: everybody may give the address of an iCalendar or its text; what is busy or
 * out of office in it becomes publications of kind `calendar`. Reads them anew every quarter of an hour,
 * few at a time; a calendar that cannot be read keeps what it last said until that is over.
 */
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Publication } from '../domain/presence.ts';
import type { DisclosureClass } from '../domain/privacy.ts';
import type { Bus } from '../ports/bus.ts';
import type { BusyTime, CalendarReader, OutboundFetch } from '../ports/calendar.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Store } from '../ports/store.ts';
import type { PersonalCalendar } from '../ports/store-presence.ts';
import type { CalendarAnswer, CalendarInput, FreeBusy } from '../protocol/calendar.ts';
import { calendarLimits } from '../protocol/calendar.ts';
import type { PresenceService } from './presence.ts';
import { createSchedule, type Scheduled } from './schedule.ts';

const refreshMs = 15 * 60_000;
/** A file does not change by itself; its recurrences move into the window all the same. */
const refreshFileMs = 60 * 60_000;
/** An unchanged answer is trusted so long; then the whole text is read again, for its later recurrences. */
const wholeEveryMs = 24 * 60 * 60_000;
const pastMs = 24 * 60 * 60_000;
const windowMs = 9 * 24 * 60 * 60_000;
/** Publications reach this far ahead; the next reading brings the next ones. */
const publishAheadMs = 24 * 60 * 60_000;
const publishedMost = 16;
const readingsMost = 4;

interface Entry extends Scheduled {
  readonly userId: UserId;
  calendar: PersonalCalendar;
  times: readonly BusyTime[];
  etag: string | null;
  wholeAt: number;
  lastReadAt: number | null;
  problem: DomainError | null;
  /** Grows with each change of the settings, so that a reading of older ones is thrown away. */
  generation: number;
}

const nothing: PersonalCalendar = { url: null, text: null, isEnabled: true, workingHours: null };

export type Calendars = Awaited<ReturnType<typeof createCalendars>>;

/** Loads everybody's settings and begins to read, spread over one period. */
export async function createCalendars(options: {
  store: Store;
  bus: Bus;
  directory: Directory;
  clock: Clock;
  presence: PresenceService;
  outbound: OutboundFetch;
  reader: CalendarReader;
  timeZone: string;
  onError: (error: unknown) => void;
}) {
  const { store, bus, directory, clock, presence, outbound, reader, onError } = options;
  const entries = new Map<UserId, Entry>();
  const waiting: Entry[] = [];
  let reading = 0;

  const schedule = createSchedule<Entry>(clock, (entry) => {
    waiting.push(entry);
    next();
  });

  function next(): void {
    while (reading < readingsMost) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      reading += 1;
      refresh(entry)
        .catch(onError)
        .finally(() => {
          reading -= 1;
          next();
        });
    }
  }

  async function refresh(entry: Entry): Promise<void> {
    const { generation, calendar } = entry;
    if (!calendar.isEnabled || (calendar.url === null && calendar.text === null)) return;
    const now = clock.now();
    try {
      const [record] = await directory.persons([entry.userId]);
      if (record == null) return;
      let { text } = calendar;
      let etag = entry.etag;
      if (calendar.url !== null) {
        const fetched = await outbound.text(calendar.url, {
          maxBytes: calendarLimits.bytes,
          etag: now - entry.wholeAt < wholeEveryMs ? entry.etag : null,
          accept: 'text/calendar, text/plain;q=0.5',
        });
        text = fetched.text;
        etag = fetched.etag;
      }
      const times =
        text === null
          ? entry.times
          : await reader.read(
              text,
              now - pastMs,
              now + windowMs,
              record.addresses,
              record.timeZone ?? options.timeZone,
            );
      if (entry.generation !== generation) return;
      if (text !== null) entry.wholeAt = now;
      entry.times = times;
      entry.etag = etag;
      entry.lastReadAt = now;
      entry.problem = null;
      publish(entry, now);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (entry.generation === generation) entry.problem = error;
    } finally {
      if (entry.generation === generation)
        schedule.at(entry, clock.now() + (calendar.url === null ? refreshFileMs : refreshMs));
    }
  }

  function publish(entry: Entry, now: number): void {
    const shown = entry.times.filter(
      ({ startsAt, endsAt, kind }) => kind !== 'tentative' && endsAt > now && startsAt < now + publishAheadMs,
    );
    presence.setSource(
      entry.userId,
      'calendar/',
      shown.slice(0, publishedMost).map((time, index) => toPublication(time, index, now)),
    );
  }

  function entryOf(userId: UserId): Entry {
    let entry = entries.get(userId);
    if (entry === undefined) {
      entry = {
        userId,
        scheduledAt: Number.POSITIVE_INFINITY,
        calendar: nothing,
        times: [],
        etag: null,
        wholeAt: Number.NEGATIVE_INFINITY,
        lastReadAt: null,
        problem: null,
        generation: 0,
      };
      entries.set(userId, entry);
    }
    return entry;
  }

  function answer(entry: Entry): CalendarAnswer {
    const { calendar, problem } = entry;
    return {
      source: calendar.url !== null ? 'url' : calendar.text !== null ? 'text' : null,
      url: calendar.url,
      enabled: calendar.isEnabled,
      workingHours: calendar.workingHours,
      lastReadAt: entry.lastReadAt === null ? null : new Date(entry.lastReadAt).toISOString(),
      problem: problem === null ? null : { code: problem.code, detail: problem.message },
    };
  }

  /** Takes over settings as they were committed, and reads at once. */
  async function adopt(userId: UserId, calendar: PersonalCalendar | null, isOwn = true): Promise<Entry> {
    const entry = entryOf(userId);
    const kept = calendar ?? nothing;
    const sameSource = kept.url === entry.calendar.url && kept.text === entry.calendar.text;
    entry.calendar = kept;
    entry.generation += 1;
    if (!sameSource || !kept.isEnabled) {
      Object.assign(entry, {
        times: [],
        etag: null,
        wholeAt: Number.NEGATIVE_INFINITY,
        lastReadAt: null,
        problem: null,
      });
      // What another node read is there already.
      if (isOwn) presence.setSource(userId, 'calendar/', []);
    }
    if (isOwn) bus.publish({ kind: 'calendar', personId: userId, nodeId: bus.nodeId });
    await refresh(entry);
    return entry;
  }

  let started = 0;
  for await (const [userId, calendar] of store.presence.allCalendars()) {
    const entry = entryOf(userId);
    entry.calendar = calendar;
    // Spread evenly, so that a start does not fetch ten thousand addresses at once.
    schedule.at(entry, clock.now() + ((started * 97) % (refreshMs / 1_000)) * 1_000);
    started += 1;
  }

  bus.subscribe((notice) => {
    if (notice.kind !== 'calendar' || notice.nodeId === bus.nodeId) return;
    const { personId } = notice;
    store.presence
      .calendar(personId)
      .then((calendar) => adopt(personId, calendar, false))
      .catch(onError);
  });
  bus.onGap(() => {
    const reload = async () => {
      for await (const [userId, calendar] of store.presence.allCalendars())
        if (JSON.stringify(calendar) !== JSON.stringify(entryOf(userId).calendar))
          await adopt(userId, calendar, false);
    };
    reload().catch(onError);
  });

  return {
    get: (userId: UserId): CalendarAnswer => answer(entryOf(userId)),

    /**
     * Changes settings; what is not named stays. An address or text is read before it is answered, so that
     * a wrong one is refused with the reason and nothing is kept of it.
     */
    async put(userId: UserId, input: CalendarInput): Promise<CalendarAnswer> {
      if (typeof input.url === 'string') outbound.check(input.url);
      const now = clock.now();
      if (typeof input.text === 'string')
        await reader.read(input.text, now, now + windowMs, [], options.timeZone);
      const calendar = await store.transaction([userId], async (tx) => {
        const kept = (await tx.presence.calendar(userId)) ?? nothing;
        const changed: PersonalCalendar = {
          // The one source replaces the other.
          url: input.url !== undefined ? input.url : input.text != null ? null : kept.url,
          text: input.text !== undefined ? input.text : input.url != null ? null : kept.text,
          isEnabled: input.enabled ?? kept.isEnabled,
          workingHours: input.workingHours === undefined ? kept.workingHours : input.workingHours,
        };
        await tx.presence.putCalendar(userId, changed);
        return changed;
      });
      return answer(await adopt(userId, calendar));
    },

    /** In which zone a person says that they work; null where they say nothing. */
    timeZoneOf: (userId: UserId): string | null =>
      entries.get(userId)?.calendar.workingHours?.timeZone ?? null,

    /** Forgets a person's calendar and working hours. */
    async remove(userId: UserId): Promise<void> {
      await store.transaction([userId], (tx) => tx.presence.putCalendar(userId, null));
      await adopt(userId, null);
      entries.delete(userId);
    },

    /**
     * When somebody is free, for watchers from colleague on (facts: Lync §2.2); what it is about for the
     * workgroup alone. To anybody else this is a person without a calendar. `others` is what other systems know.
     */
    freeBusy(userId: UserId, cls: DisclosureClass, others: readonly BusyTime[] = []): FreeBusy {
      const entry = entries.get(userId);
      const { coarse, showMeetingSubject } = presence.policy();
      if (cls === 'hidden' || cls === 'external' || (coarse && cls !== 'self'))
        return { workingHours: null, items: [] };
      const withSubject = cls === 'self' || (cls === 'workgroup' && showMeetingSubject);
      const hidesActivity = presence.privacyOf(userId).hideActivity && cls !== 'self';
      const now = clock.now();
      return {
        workingHours: entry?.calendar.workingHours ?? null,
        items: hidesActivity
          ? []
          : [...(entry?.times ?? []), ...others]
              .sort((a, b) => a.startsAt - b.startsAt)
              .filter(({ endsAt }) => endsAt > now)
              .map(({ startsAt, endsAt, kind, subject }) => ({
                startsAt: new Date(startsAt).toISOString(),
                endsAt: new Date(endsAt).toISOString(),
                state: kind,
                subject: withSubject ? subject : null,
              })),
      };
    },

    async close(): Promise<void> {
      schedule.close();
      waiting.length = 0;
      await reader.close();
    },
  };
}

function toPublication(time: BusyTime, index: number, now: number): Publication {
  const away = time.kind === 'out-of-office';
  return {
    id: `calendar/${index}`,
    kind: 'calendar',
    endpoint: null,
    availability: away ? 'away' : 'busy',
    activity: away ? 'out-of-office' : time.isMeeting ? 'in-a-meeting' : null,
    inputAt: null,
    device: null,
    subject: time.subject,
    location: null,
    startsAt: time.startsAt,
    publishedAt: now,
    expiresAt: time.endsAt,
  };
}
