/** Outlook 專屬部分的繁體中文。 */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const zhHant = {
  'times.title': '誰在 {time} 有空',
  'times.free': '有空',
  'times.tentative': '暫定',
  'times.outside-hours': '非上班時間',
  'times.busy': '忙碌',
  'times.out-of-office': '不在辦公室',
  'times.unknown': '不明',
  'message.one': '{name} 針對此項目寫道：{text}',
  'message.several': '{name} 與其他人針對此項目留言（{count}）',
  'message.open': '開啟聊天',
  'diagnostics.title': '此 Outlook 的能力',
  'diagnostics.host': '主機',
  'diagnostics.platform': '平台',
  'diagnostics.version': '版本',
  'diagnostics.language': '語言',
  'diagnostics.feature': '功能',
  'diagnostics.needs': '需求',
  'diagnostics.yes': '有',
  'diagnostics.no': '沒有',
  'diagnostics.unknown': '不明',
  'diagnostics.none': '由 Outlook 開啟時，此頁面會顯示 Outlook 提供的功能。',
} as const satisfies CatalogueOf<typeof en>;
