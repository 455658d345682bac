/** Calendars by getSchedule, automatic replies by mailboxSettings, presence by getPresencesByUserId. */
import { fromGraphPair } from '../../domain/graph-words.ts';
import { toUserId } from '../../domain/ids.ts';
import { wallToInstant } from '../../domain/zones.ts';
import type { BusyTime } from '../../ports/calendar.ts';
import type { AutomaticReply, MailboxSource } from '../../ports/mailboxes.ts';
import type { GraphCalls } from './client.ts';
import { mailboxSettingsSchema, presencesSchema, schedulesSchema } from './shapes.ts';

const noteCharacters = 500;

export function createGraphMailboxes(graph: GraphCalls): MailboxSource {
  return {
    async schedules(mailboxes, from, to) {
      const [anchor] = mailboxes;
      if (anchor === undefined) return [];
      const moment = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: 'UTC' });
      // Limits count by mailbox: asked through the first of each twenty, no mailbox is asked often.
      const { value } = await graph.post(
        `/users/${anchor.userId}/calendar/getSchedule`,
        {
          schedules: mailboxes.map(({ address }) => address),
          startTime: moment(from),
          endTime: moment(to),
          availabilityViewInterval: 1_440,
        },
        schedulesSchema,
      );
      const byAddress = new Map(value.map((each) => [each.scheduleId?.toLowerCase() ?? '', each]));
      return mailboxes.map(({ address }) => {
        const found = byAddress.get(address.toLowerCase());
        if (found === undefined || found.error != null) return null;
        return (found.scheduleItems ?? []).flatMap((item, index) => toBusyTime(item, index));
      });
    },

    async replies(ids) {
      const answers = await graph.batch(
        ids.map((id) => ({ method: 'GET', url: `/users/${id}/mailboxSettings` })),
      );
      return answers.map((answer) => {
        if (answer.kind === 'wait') return undefined;
        const read = mailboxSettingsSchema.safeParse(answer.body);
        // Somebody without a mailbox has no automatic replies.
        if (answer.status === 404 || answer.status === 403) return null;
        return answer.status === 200 && read.success ? toReply(read.data.automaticRepliesSetting) : undefined;
      });
    },

    async presences(ids) {
      const { value } = await graph.post('/communications/getPresencesByUserId', { ids }, presencesSchema);
      return new Map(value.map((each) => [toUserId(each.id.toLowerCase()), fromGraphPair(each)]));
    },
  };
}

interface Moment {
  readonly dateTime: string;
  readonly timeZone?: string | null | undefined;
}

/** Graph's moment; null for one that is none. */
function instantOf({ dateTime, timeZone }: Moment): number | null {
  const wall = Date.parse(`${dateTime.replace(/Z$/, '').slice(0, 19)}Z`);
  return Number.isNaN(wall) ? null : wallToInstant(wall, timeZone ?? 'UTC');
}

function toBusyTime(
  item: {
    status?: string | null | undefined;
    subject?: string | null | undefined;
    isPrivate?: boolean | null | undefined;
    start: Moment;
    end: Moment;
  },
  index: number,
): BusyTime[] {
  const startsAt = instantOf(item.start);
  const endsAt = instantOf(item.end);
  const kind = ({ busy: 'busy', tentative: 'tentative', oof: 'out-of-office' } as const)[
    (item.status ?? '').toLowerCase()
  ];
  if (kind === undefined || startsAt === null || endsAt === null || endsAt <= startsAt) return [];
  const subject = item.isPrivate === true || !item.subject?.trim() ? null : item.subject.trim().slice(0, 255);
  return [{ id: String(index), startsAt, endsAt, kind, isMeeting: kind === 'busy', subject }];
}

function toReply(
  setting:
    | {
        status?: string | null | undefined;
        internalReplyMessage?: string | null | undefined;
        scheduledStartDateTime?: Moment | null | undefined;
        scheduledEndDateTime?: Moment | null | undefined;
      }
    | null
    | undefined,
): AutomaticReply | null {
  const status = (setting?.status ?? 'disabled').toLowerCase();
  if (status !== 'alwaysenabled' && status !== 'scheduled') return null;
  const isScheduled = status === 'scheduled';
  return {
    from: isScheduled && setting?.scheduledStartDateTime ? instantOf(setting.scheduledStartDateTime) : null,
    until: isScheduled && setting?.scheduledEndDateTime ? instantOf(setting.scheduledEndDateTime) : null,
    note: plainText(setting?.internalReplyMessage ?? ''),
  };
}

/** The words of an HTML text. What is left is only ever shown as text. */
export function plainText(html: string): string | null {
  const text = html
    .slice(0, 20_000)
    .replaceAll(/<(style|script|head)\b[^<]*(?:<(?!\/\1>)[^<]*)*<\/\1>/gi, ' ')
    .replaceAll(/<(?:br|\/p|\/div|\/li)\b[^<>]*>/gi, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(/&(nbsp|lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name] ?? ' ')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/\s*\n\s*/g, '\n')
    .trim();
  return text === '' ? null : text.slice(0, noteCharacters);
}

const entities: Readonly<Record<string, string>> = {
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  amp: '&',
};
