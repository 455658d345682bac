/**
 * The reasons of `explain`, in every language. A code is stable and part of the public contract; a sentence
 * may be improved at any time. `{name}` in a sentence is a parameter, already worded for the reader.
 */
import type { Language } from '../protocol/vocabulary.ts';

const sentences = {
  'nobody-here': {
    en: 'No client of yours is signed in, so you are shown as offline; this waits for the next one.',
    de: 'Keiner Ihrer Clients ist angemeldet, daher werden Sie als offline angezeigt; dies wartet auf den nächsten.',
    fr: 'Aucun de vos clients n’est connecté, vous apparaissez donc hors ligne ; ceci attend le prochain.',
    'zh-Hant': '您沒有任何用戶端登入，因此顯示為離線；此設定會等到下次登入才生效。',
  },
  'appears-offline': {
    en: 'You chose to appear offline.',
    de: 'Sie haben gewählt, als offline zu erscheinen.',
    fr: 'Vous avez choisi d’apparaître hors ligne.',
    'zh-Hant': '您選擇了顯示為離線。',
  },
  chosen: {
    en: 'You set this yourself; it stays until you change it.',
    de: 'Sie haben dies selbst eingestellt; es bleibt, bis Sie es ändern.',
    fr: 'Vous l’avez défini vous-même ; cela reste jusqu’à ce que vous le changiez.',
    'zh-Hant': '這是您自己設定的，會保持到您變更為止。',
  },
  'chosen-until': {
    en: 'You set this yourself; it ends at {at}.',
    de: 'Sie haben dies selbst eingestellt; es endet um {at}.',
    fr: 'Vous l’avez défini vous-même ; fin à {at}.',
    'zh-Hant': '這是您自己設定的，將於 {at} 結束。',
  },
  'chosen-available': {
    en: 'You chose to be available: what your calendar began before that is passed over.',
    de: 'Sie haben „Verfügbar“ gewählt: Was Ihr Kalender davor begonnen hat, wird übergangen.',
    fr: 'Vous avez choisi d’être disponible : ce que votre agenda avait commencé avant est ignoré.',
    'zh-Hant': '您選擇了「有空」：在此之前開始的行事曆項目會被略過。',
  },
  'behind-offline': {
    en: 'You appear offline, so nobody sees this.',
    de: 'Sie erscheinen als offline, daher sieht dies niemand.',
    fr: 'Vous apparaissez hors ligne, personne ne voit donc ceci.',
    'zh-Hant': '您顯示為離線，因此沒有人看得到這項。',
  },
  'outranked-by-choice': {
    en: 'What you set yourself goes before this.',
    de: 'Was Sie selbst eingestellt haben, geht vor.',
    fr: 'Ce que vous avez défini vous-même passe avant.',
    'zh-Hant': '您自己設定的狀態優先。',
  },
  'outranked-by-focus': {
    en: 'An application asks for quiet ({source}), which goes before this.',
    de: 'Eine Anwendung bittet um Ruhe ({source}), das geht vor.',
    fr: 'Une application demande le calme ({source}), cela passe avant.',
    'zh-Hant': '有應用程式要求勿打擾（{source}），其優先。',
  },
  'outranked-by-call': {
    en: 'A call ({source}) goes before this.',
    de: 'Ein Gespräch ({source}) geht vor.',
    fr: 'Un appel ({source}) passe avant.',
    'zh-Hant': '通話（{source}）優先。',
  },
  'outranked-by-calendar': {
    en: 'Your calendar ({source}) goes before this.',
    de: 'Ihr Kalender ({source}) geht vor.',
    fr: 'Votre agenda ({source}) passe avant.',
    'zh-Hant': '您的行事曆（{source}）優先。',
  },
  'outranked-by-machine': {
    en: 'Your activity on {source} decides.',
    de: 'Ihre Aktivität auf {source} entscheidet.',
    fr: 'Votre activité sur {source} l’emporte.',
    'zh-Hant': '以您在 {source} 上的活動為準。',
  },
  'less-active': {
    en: 'You are, or were last, more active on {source}.',
    de: 'Auf {source} sind oder waren Sie zuletzt aktiver.',
    fr: 'Vous êtes, ou étiez en dernier, plus actif sur {source}.',
    'zh-Hant': '您在 {source} 上較為活躍或最近才活動過。',
  },
  'same-endpoint': {
    en: 'Another report of {source} says more.',
    de: 'Eine andere Meldung von {source} sagt mehr.',
    fr: 'Un autre rapport de {source} en dit plus.',
    'zh-Hant': '{source} 的另一則回報更為詳細。',
  },
  'most-active-machine': {
    en: 'You were last active here at {at}: {level}.',
    de: 'Hier waren Sie zuletzt um {at} aktiv: {level}.',
    fr: 'Votre dernière activité ici : {at} ({level}).',
    'zh-Hant': '您上次在此活動的時間是 {at}：{level}。',
  },
  locked: {
    en: 'This machine is locked or says that you are away.',
    de: 'Dieser Rechner ist gesperrt oder meldet Sie als abwesend.',
    fr: 'Cet ordinateur est verrouillé ou vous signale absent.',
    'zh-Hant': '這台電腦已鎖定，或回報您已離開。',
  },
  'locked-elsewhere': {
    en: 'Another window on the same machine says that it is locked.',
    de: 'Ein anderes Fenster auf demselben Rechner meldet, dass er gesperrt ist.',
    fr: 'Une autre fenêtre du même ordinateur indique qu’il est verrouillé.',
    'zh-Hant': '同一台電腦上的另一個視窗回報已鎖定。',
  },
  'unsteady-machine': {
    en: 'This machine became active several times within minutes; it counts as inactive until it has been steady ({at}).',
    de: 'Dieses Gerät wurde in wenigen Minuten mehrmals aktiv; es zählt als inaktiv, bis es beständig ist ({at}).',
    fr: 'Cet appareil est devenu actif plusieurs fois en quelques minutes ; il compte comme inactif jusqu’à ce qu’il soit stable ({at}).',
    'zh-Hant': '此裝置在數分鐘內多次變為使用中；在穩定之前視為閒置（{at}）。',
  },
  'machine-off': {
    en: 'This machine says that it is off.',
    de: 'Dieser Rechner meldet sich als ausgeschaltet.',
    fr: 'Cet ordinateur se déclare éteint.',
    'zh-Hant': '這台電腦回報為關閉。',
  },
  'endpoint-not-here': {
    en: 'It belongs to {endpoint}, which is not signed in.',
    de: 'Es gehört zu {endpoint}, und das ist nicht angemeldet.',
    fr: 'Cela dépend de {endpoint}, qui n’est pas connecté.',
    'zh-Hant': '這屬於 {endpoint}，但它尚未登入。',
  },
  'not-started': {
    en: 'It begins at {at}.',
    de: 'Es beginnt um {at}.',
    fr: 'Cela commence à {at}.',
    'zh-Hant': '將於 {at} 開始。',
  },
  'source-silent': {
    en: 'This source has not been heard since {at}; what it would say is unknown.',
    de: 'Von dieser Quelle wurde seit {at} nichts gehört; was sie melden würde, ist unbekannt.',
    fr: 'Cette source est muette depuis {at} ; ce qu’elle dirait est inconnu.',
    'zh-Hant': '自 {at} 起未再收到此來源的消息；其狀態未知。',
  },
  'said-by-teams': {
    en: 'Teams has said so since {at}.',
    de: 'Teams meldet das seit {at}.',
    fr: 'Teams le dit depuis {at}.',
    'zh-Hant': 'Teams 自 {at} 起如此顯示。',
  },
  'free-time': {
    en: 'Free and tentative times do not make you busy.',
    de: 'Freie und vorläufige Zeiten machen Sie nicht beschäftigt.',
    fr: 'Le temps libre ou provisoire ne vous rend pas occupé.',
    'zh-Hant': '空閒與暫定的時間不會讓您顯示為忙碌。',
  },
  'skipped-by-choice': {
    en: 'You chose to be available at {at}, after this had begun.',
    de: 'Sie haben um {at} „Verfügbar“ gewählt, nachdem dies begonnen hatte.',
    fr: 'Vous avez choisi d’être disponible à {at}, après le début de ceci.',
    'zh-Hant': '此項開始之後，您在 {at} 選擇了「有空」。',
  },
  'out-of-office-only': {
    en: 'Being out of office is shown beside your state and does not change it.',
    de: 'Die Abwesenheit wird neben Ihrem Status angezeigt und ändert ihn nicht.',
    fr: 'L’absence du bureau s’affiche à côté de votre état sans le changer.',
    'zh-Hant': '不在辦公室會顯示在狀態旁，不會改變狀態。',
  },
  'gives-activity': {
    en: 'It does not decide the colour, but says what you are doing: {activity}.',
    de: 'Es entscheidet nicht über die Farbe, sagt aber, was Sie tun: {activity}.',
    fr: 'Cela ne décide pas de la couleur, mais dit ce que vous faites : {activity}.',
    'zh-Hant': '它不決定顏色，但說明您正在做的事：{activity}。',
  },
  'do-not-disturb-by-application': {
    en: 'An application asks that you are not disturbed.',
    de: 'Eine Anwendung bittet darum, Sie nicht zu stören.',
    fr: 'Une application demande que l’on ne vous dérange pas.',
    'zh-Hant': '有應用程式要求不要打擾您。',
  },
  'on-a-call': {
    en: 'You are on a call, or an application says that you are busy.',
    de: 'Sie telefonieren, oder eine Anwendung meldet Sie als beschäftigt.',
    fr: 'Vous êtes en communication, ou une application vous dit occupé.',
    'zh-Hant': '您正在通話，或有應用程式回報您忙碌。',
  },
  'calendar-busy': {
    en: 'Your calendar says that you are busy.',
    de: 'Laut Ihrem Kalender sind Sie beschäftigt.',
    fr: 'Votre agenda vous indique occupé.',
    'zh-Hant': '您的行事曆顯示為忙碌。',
  },
  'calendar-busy-until': {
    en: 'Your calendar says that you are busy until {at}.',
    de: 'Laut Ihrem Kalender sind Sie bis {at} beschäftigt.',
    fr: 'Votre agenda vous indique occupé jusqu’à {at}.',
    'zh-Hant': '您的行事曆顯示忙碌，直到 {at}。',
  },
  'phone-only': {
    en: 'A phone makes you reachable, but says nothing of being at work on a machine.',
    de: 'Ein Telefon macht Sie erreichbar, sagt aber nicht, dass Sie an einem Rechner arbeiten.',
    fr: 'Un téléphone vous rend joignable, mais ne dit pas que vous êtes devant un ordinateur.',
    'zh-Hant': '電話可聯絡到您，但無法得知您是否在電腦前工作。',
  },
} as const satisfies Record<string, Record<Language, string>>;
export type WhyCode = keyof typeof sentences;
export const whyCodes = Object.keys(sentences) as WhyCode[];

/** Writes the reason; a parameter that a sentence does not name is left out of it. */
export function reasonSentence(
  code: WhyCode,
  params: Readonly<Record<string, string>>,
  language: Language,
): string {
  return sentences[code][language].replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '…');
}
