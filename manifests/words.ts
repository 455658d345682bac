/**
 * What Office itself shows of us: names on the ribbon, tips, descriptions. Short ones fit the 64 characters of
 * the unified manifest and the 125 of the XML ones, tips the 250.
 */
import type { Words } from './product.ts';

const jellybean = { en: 'Jellybean', de: 'Jellybean', fr: 'Jellybean', 'zh-Hant': 'Jellybean' } as const;

export const words = {
  name: jellybean,
  group: jellybean,
  outlookDescription: {
    en: 'Shows whether the people on a mail or appointment are available, and lets you chat with them about it.',
    de: 'Zeigt, ob die Personen einer Mail oder eines Termins erreichbar sind, und lässt Sie mit ihnen darüber chatten.',
    fr: 'Montre si les personnes d’un message ou d’un rendez-vous sont disponibles, et vous permet d’en discuter avec elles.',
    'zh-Hant': '顯示郵件或約會中的人員是否有空，並讓您與他們聊天討論。',
  },
  officeDescription: {
    en: 'Shows whether the people of a document or workbook are available, and lets you chat with them about it.',
    de: 'Zeigt, ob die Personen eines Dokuments oder einer Arbeitsmappe erreichbar sind, und lässt Sie mit ihnen darüber chatten.',
    fr: 'Montre si les personnes d’un document ou d’un classeur sont disponibles, et vous permet d’en discuter avec elles.',
    'zh-Hant': '顯示文件或活頁簿中的人員是否有空，並讓您與他們聊天討論。',
  },
  shortDescription: {
    en: 'Presence and chat in Outlook, Word and Excel.',
    de: 'Präsenz und Chat in Outlook, Word und Excel.',
    fr: 'Présence et discussion dans Outlook, Word et Excel.',
    'zh-Hant': 'Outlook、Word 與 Excel 中的狀態與聊天。',
  },
  fullDescription: {
    en: 'Shows whether the people of mails, appointments, documents and workbooks are available, why not and until when, and lets you chat with them in their context. Runs on a server of your own organisation.',
    de: 'Zeigt, ob die Personen von Mails, Terminen, Dokumenten und Arbeitsmappen erreichbar sind, warum nicht und bis wann, und lässt Sie im Zusammenhang mit ihnen chatten. Läuft auf einem Server Ihrer Organisation.',
    fr: 'Montre si les personnes des messages, rendez-vous, documents et classeurs sont disponibles, pourquoi non et jusqu’à quand, et vous permet de discuter avec elles en contexte. Fonctionne sur un serveur de votre organisation.',
    'zh-Hant':
      '顯示郵件、約會、文件與活頁簿中的人員是否有空、為何沒空以及到何時，並讓您在該情境中與他們聊天。在您組織自己的伺服器上運作。',
  },
  people: { en: 'People', de: 'Personen', fr: 'Personnes', 'zh-Hant': '人員' },
  itemTitle: {
    en: 'People on this item',
    de: 'Personen dieses Elements',
    fr: 'Personnes de cet élément',
    'zh-Hant': '此項目的人員',
  },
  itemTip: {
    en: 'Shows who is available, why not and until when, and opens a chat about this mail or appointment.',
    de: 'Zeigt, wer erreichbar ist, warum nicht und bis wann, und öffnet einen Chat zu dieser Mail oder diesem Termin.',
    fr: 'Montre qui est disponible, pourquoi non et jusqu’à quand, et ouvre une discussion sur cet élément.',
    'zh-Hant': '顯示誰有空、為何沒空以及到何時，並開啟關於此郵件或約會的聊天。',
  },
  sender: {
    en: 'Chat with sender',
    de: 'Mit Absender chatten',
    fr: 'Discuter avec l’expéditeur',
    'zh-Hant': '與寄件者聊天',
  },
  senderTip: {
    en: 'Opens a chat with whoever sent this mail, about this mail.',
    de: 'Öffnet einen Chat mit der Person, die diese Mail gesendet hat, zu dieser Mail.',
    fr: 'Ouvre une discussion avec l’auteur de ce message, à propos de ce message.',
    'zh-Hant': '與此郵件的寄件者開啟關於此郵件的聊天。',
  },
  reply: {
    en: 'Reply with chat',
    de: 'Mit Chat antworten',
    fr: 'Répondre par une discussion',
    'zh-Hant': '以聊天回覆',
  },
  replyTip: {
    en: 'Opens one chat with everybody on this mail, about this mail.',
    de: 'Öffnet einen Chat mit allen Personen dieser Mail, zu dieser Mail.',
    fr: 'Ouvre une discussion avec toutes les personnes de ce message, à propos de ce message.',
    'zh-Hant': '與此郵件的所有人員開啟關於此郵件的聊天。',
  },
  documentTitle: {
    en: 'People of this document',
    de: 'Personen dieses Dokuments',
    fr: 'Personnes de ce document',
    'zh-Hant': '此文件的人員',
  },
  documentTip: {
    en: 'Shows who wrote, commented and is named here, whether they are available, and opens a chat about it.',
    de: 'Zeigt, wer hier geschrieben und kommentiert hat oder genannt ist, ob sie erreichbar sind, und öffnet einen Chat dazu.',
    fr: 'Montre qui a écrit, commenté ou est nommé ici, si ces personnes sont disponibles, et ouvre une discussion.',
    'zh-Hant': '顯示誰撰寫、註解或在此被提及、是否有空，並開啟相關聊天。',
  },
  selection: {
    en: 'People in the selection',
    de: 'Personen der Auswahl',
    fr: 'Personnes de la sélection',
    'zh-Hant': '選取範圍中的人員',
  },
  started: {
    en: 'Jellybean is ready',
    de: 'Jellybean ist bereit',
    fr: 'Jellybean est prêt',
    'zh-Hant': 'Jellybean 已就緒',
  },
  startedTip: {
    en: 'Open “People” on the Home tab to see who is available and to chat.',
    de: 'Öffnen Sie „Personen“ auf der Registerkarte „Start“, um zu sehen, wer erreichbar ist, und zu chatten.',
    fr: 'Ouvrez « Personnes » dans l’onglet Accueil pour voir qui est disponible et discuter.',
    'zh-Hant': '在「常用」索引標籤開啟「人員」，即可查看誰有空並聊天。',
  },
} as const satisfies Record<string, Words>;
export type WordKey = keyof typeof words;
