/** Excel 儲存格與命令的繁體中文。 */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const zhHant = {
  signIn: '{sign} 請開啟 Jellybean 窗格',
  noAddress: '請提供地址，例如 bob@contoso.example。',
  notFound: '目錄中沒有人使用這個地址。',
  notNow: 'Jellybean 無法查詢。請重新計算再試一次。',
  noRuntime: '這個 Excel 無法與 Jellybean 窗格共用執行環境，因此其函數無法在此運作。',
  colour: '為選取的儲存格加上狀態顏色',
  coloured: '選取的儲存格會依其中的狀態變色。',
  notColoured: 'Excel 未接受顏色：{detail}',
  name: '姓名',
  presence: '狀態',
  address: '地址',
  jobTitle: '職稱',
  department: '部門',
  office: '辦公室',
  phone: '電話',
} satisfies CatalogueOf<typeof en>;
