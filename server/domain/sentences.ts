/**
 * The sentences of presence in every language of the product: "In a meeting until 15:00", and why. Pure;
 * dates and times by Intl in the reader's time zone. It is given a view's content, never the presence
 * behind it, so a sentence cannot say what the view withholds.
 */
import type { Activity, Availability, Language, StandardActivity } from '../protocol/vocabulary.ts';
import type { CustomActivity } from './bands.ts';
import type { Reader } from './reader.ts';

interface Words {
  readonly locale: string;
  readonly availability: Record<Availability, string>;
  readonly activity: Record<StandardActivity, string>;
  readonly until: (state: string, time: string) => string;
  readonly about: (state: string, subject: string) => string;
  readonly and: (state: string, also: string) => string;
}

const words = {
  en: {
    // British English reads the 24-hour clock and the day before the month.
    locale: 'en-GB',
    availability: {
      available: 'Available',
      'available-idle': 'Inactive',
      busy: 'Busy',
      'busy-idle': 'Busy',
      'do-not-disturb': 'Do not disturb',
      'be-right-back': 'Be right back',
      away: 'Away',
      offline: 'Offline',
      unknown: 'Unknown',
    },
    activity: {
      'in-a-call': 'In a call',
      'in-a-conference-call': 'In a conference call',
      'in-a-meeting': 'In a meeting',
      presenting: 'Presenting',
      focusing: 'Focusing',
      'urgent-interruptions-only': 'Urgent interruptions only',
      'off-work': 'Off work',
      inactive: 'Inactive',
      'out-of-office': 'Out of office',
    },
    until: (state, time) => `${state} until ${time}`,
    about: (state, subject) => `${state}: ${subject}`,
    and: (state, also) => `${state}, ${also.charAt(0).toLowerCase()}${also.slice(1)}`,
  },
  de: {
    locale: 'de-DE',
    availability: {
      available: 'Verfügbar',
      'available-idle': 'Inaktiv',
      busy: 'Beschäftigt',
      'busy-idle': 'Beschäftigt',
      'do-not-disturb': 'Nicht stören',
      'be-right-back': 'Gleich zurück',
      away: 'Abwesend',
      offline: 'Offline',
      unknown: 'Unbekannt',
    },
    activity: {
      'in-a-call': 'Im Gespräch',
      'in-a-conference-call': 'In einer Telefonkonferenz',
      'in-a-meeting': 'In einer Besprechung',
      presenting: 'Präsentiert gerade',
      focusing: 'Arbeitet konzentriert',
      'urgent-interruptions-only': 'Nur dringende Störungen',
      'off-work': 'Nicht bei der Arbeit',
      inactive: 'Inaktiv',
      'out-of-office': 'Außer Haus',
    },
    until: (state, time) => `${state} bis ${time}`,
    about: (state, subject) => `${state}: ${subject}`,
    and: (state, also) => `${state}, ${also.charAt(0).toLowerCase()}${also.slice(1)}`,
  },
  fr: {
    locale: 'fr-FR',
    availability: {
      available: 'Disponible',
      'available-idle': 'Inactif',
      busy: 'Occupé',
      'busy-idle': 'Occupé',
      'do-not-disturb': 'Ne pas déranger',
      'be-right-back': 'De retour bientôt',
      away: 'Absent',
      offline: 'Hors ligne',
      unknown: 'Inconnu',
    },
    activity: {
      'in-a-call': 'En communication',
      'in-a-conference-call': 'En conférence téléphonique',
      'in-a-meeting': 'En réunion',
      presenting: 'En présentation',
      focusing: 'Concentré',
      'urgent-interruptions-only': 'Interruptions urgentes uniquement',
      'off-work': 'En dehors du travail',
      inactive: 'Inactif',
      'out-of-office': 'Absent du bureau',
    },
    until: (state, time) => `${state} jusqu’${/^\d/.test(time) ? 'à' : 'au'} ${time}`,
    about: (state, subject) => `${state} : ${subject}`,
    and: (state, also) => `${state}, ${also.charAt(0).toLowerCase()}${also.slice(1)}`,
  },
  'zh-Hant': {
    locale: 'zh-Hant-TW',
    availability: {
      available: '有空',
      'available-idle': '閒置',
      busy: '忙碌',
      'busy-idle': '忙碌',
      'do-not-disturb': '請勿打擾',
      'be-right-back': '馬上回來',
      away: '離開',
      offline: '離線',
      unknown: '不明',
    },
    activity: {
      'in-a-call': '通話中',
      'in-a-conference-call': '電話會議中',
      'in-a-meeting': '會議中',
      presenting: '簡報中',
      focusing: '專注中',
      'urgent-interruptions-only': '僅限緊急打擾',
      'off-work': '下班',
      inactive: '閒置',
      'out-of-office': '不在辦公室',
    },
    until: (state, time) => `${state}，直到 ${time}`,
    about: (state, subject) => `${state}：${subject}`,
    and: (state, also) => `${state}，${also}`,
  },
} as const satisfies Record<Language, Words>;

// Making an Intl formatter costs tens of microseconds and kilobytes; there are few languages and zones.
const formatters = new Map<string, Intl.DateTimeFormat>();
const formattersMax = 512;

function formatter(locale: string, timeZone: string, kind: keyof typeof shapes): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${kind}`;
  let found = formatters.get(key);
  if (found === undefined) {
    if (formatters.size >= formattersMax) formatters.clear();
    found = new Intl.DateTimeFormat(locale, { ...shapes[kind], timeZone });
    formatters.set(key, found);
  }
  return found;
}

const shapes = {
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  weekdayTime: { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  date: { weekday: 'short', day: 'numeric', month: 'short' },
  dateYear: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const dayMs = 86_400_000;

/**
 * Words an end as people say it: today by the clock, this week by day and clock, later by date. With
 * `wholeDays` (absences) by date alone, and midnight belongs to the day before.
 */
export function formatEnd(at: number, reader: Reader, now: number, wholeDays = false): string {
  const { locale } = words[reader.language];
  const day = formatter(locale, reader.timeZone, 'day');
  const shown = wholeDays ? at - 1 : at;
  const sameYear = day.format(shown).slice(-4) === day.format(now).slice(-4);
  if (wholeDays || at - now > 6 * dayMs)
    return formatter(
      locale,
      reader.timeZone,
      sameYear || shown - now < 180 * dayMs ? 'date' : 'dateYear',
    ).format(shown);
  const kind = day.format(at) === day.format(now) ? 'time' : 'weekdayTime';
  return formatter(locale, reader.timeZone, kind).format(at);
}

/** Names an activity; a custom one in the nearest language that the administrator gave. */
export function nameActivity(
  activity: Activity,
  language: Language,
  custom: ReadonlyMap<string, CustomActivity>,
): string | null {
  const standard = words[language].activity[activity as StandardActivity] as string | undefined;
  if (standard !== undefined) return standard;
  const labels = custom.get(activity)?.labels;
  return labels === undefined ? null : (labels[language] ?? labels.en);
}

export const nameAvailability = (availability: Availability, language: Language): string =>
  words[language].availability[availability];

/**
 * The sentence beside a face: the activity or else the availability, what it is about, and how long it
 * will last, as far as the content holds them.
 */
export function formatText(
  content: {
    readonly availability: Availability;
    readonly activity: Activity | null;
    readonly until: number | null;
    readonly outOfOffice: { readonly until: number | null } | null;
    readonly subject: string | null;
  },
  reader: Reader,
  now: number,
  custom: ReadonlyMap<string, CustomActivity>,
): string {
  const { availability, activity, outOfOffice } = content;
  const say: Words = words[reader.language];
  const absence = (): string => {
    const state = say.activity['out-of-office'];
    return outOfOffice === null || outOfOffice.until === null
      ? state
      : say.until(state, formatEnd(outOfOffice.until, reader, now, true));
  };
  if (activity === 'out-of-office') return absence();
  const state =
    (activity === null ? null : nameActivity(activity, reader.language, custom)) ??
    say.availability[availability];
  const lasting = content.until === null ? state : say.until(state, formatEnd(content.until, reader, now));
  const said = content.subject === null ? lasting : say.about(lasting, content.subject);
  return outOfOffice === null ? said : say.and(said, absence());
}
