import type { CatalogueOf } from '../../i18n/i18n.ts';
import type { en } from './en.ts';

export const zhHant: CatalogueOf<typeof en> = {
  'part.people': '人員',
  'part.chatAbout': '聊聊這個頁面',
  'part.none': '這裡沒有列出任何人。',
  'part.cannotTell': '無法得知相關人員：{detail}',
  'part.connecting': '連線中…',
  'part.signIn': '登入',
  'part.signInWhy': '請登入以查看誰有空。',
  'part.failed': '這裡無法顯示目前狀態：{detail}',
  'part.retry': '再試一次',
  'part.noServer': '尚未設定 Jellybean 伺服器位址，請在此網頁組件的屬性中設定。',
  'part.blocked': '瀏覽器已封鎖登入視窗，請允許此網站開啟視窗。',
  'part.more': { other: '另外 {count} 人' },
  'part.chat': '聊天',
  'part.call': '通話',
  'part.email': '郵件',
};
