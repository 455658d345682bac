/** How somebody coming, going or giving a name reads between the messages. Pure. */
import type { ConversationChange } from '../../../server/protocol/conversations.ts';
import { formatNames } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';

/** Names in one line; more are counted. */
const mostNames = 4;

/** One sentence for changes that read as one (see `layOut`). Who is no longer in the directory has no name. */
export function changeText(
  changes: readonly [ConversationChange, ...ConversationChange[]],
  meId: string,
): string {
  const [first] = changes;
  const isByMe = first.by.id === meId;
  const isMe = first.person?.id === meId;
  const by = first.by.displayName || '…';
  const names = namesOf(changes);
  const count = changes.length;
  switch (first.kind) {
    case 'added':
      if (isMe) return t('change.addedYou', { by });
      return isByMe ? t('change.youAdded', { names }) : t('change.added', { by, names });
    case 'removed':
      if (isMe) return t('change.removedYou', { by });
      return isByMe ? t('change.youRemoved', { names }) : t('change.removed', { by, names });
    case 'joined':
      return isMe ? t('change.youJoined') : t('change.joined', { names, count });
    case 'declined':
      return isMe ? t('change.youDeclined') : t('change.declined', { names, count });
    case 'left':
      return isMe ? t('change.youLeft') : t('change.left', { names, count });
    case 'presenter':
      if (first.by.id === first.person?.id)
        return isMe ? t('change.youPresent') : t('change.presents', { names, count });
      if (isMe) return t('change.presenterYou', { by });
      return isByMe ? t('change.youPresenter', { names }) : t('change.presenter', { by, names });
    case 'attendee':
      if (first.by.id === first.person?.id)
        return isMe ? t('change.youAttend') : t('change.attends', { names, count });
      if (isMe) return t('change.attendeeYou', { by });
      return isByMe ? t('change.youAttendee', { names }) : t('change.attendee', { by, names });
    case 'renamed': {
      const { subject } = first;
      if (subject === null) return isByMe ? t('change.youUnnamed') : t('change.unnamed', { by });
      return isByMe ? t('change.youRenamed', { subject }) : t('change.renamed', { by, subject });
    }
  }
}

function namesOf(changes: readonly ConversationChange[]): string {
  const names = changes.map(({ person }) => person?.displayName || '…');
  const more = names.length - mostNames;
  if (more <= 1) return formatNames(names);
  return formatNames([...names.slice(0, mostNames), t('change.others', { count: more })]);
}
