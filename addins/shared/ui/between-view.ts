/** How what stands between messages is drawn: days, gaps, the unread line, who came and went. */
import { html, type TemplateResult } from 'lit';
import { formatDay, formatNames, formatTime } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { changeText } from './change-text.ts';
import type { TimelineEntry } from './timeline.ts';

export function drawBetween(
  entry: Exclude<TimelineEntry, { kind: 'message' }>,
  now: number,
  meId: string,
): TemplateResult {
  switch (entry.kind) {
    case 'day':
      return html`<div class="between day quiet">${formatDay(entry.at, now)}, ${formatTime(entry.at)}</div>`;
    case 'time':
      return html`<div class="between quiet">${formatTime(entry.at)}</div>`;
    case 'unread':
      return html`<div class="unread" role="separator">${t('conversation.newLine')}</div>`;
    case 'changes': {
      const time = formatTime(Date.parse(entry.changes[0].at));
      // Everybody's name is here, where the line itself counts some.
      const names = formatNames(entry.changes.flatMap(({ person }) => person?.displayName || []));
      return html`<div class="between change quiet" dir="auto" title=${names ? `${time} · ${names}` : time}>
        ${changeText(entry.changes, meId)}
      </div>`;
    }
  }
}
