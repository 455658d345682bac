/**
 * What the demo organisation is made of: names of many languages (native form and, where that is not Latin,
 * the spelling of the address), places and departments. All invented; telephone numbers lie in ranges that
 * are kept for fiction where a country has such.
 */

/** A place of work: who works there by language, how its numbers begin and end (`#` is a digit). */
export interface Place {
  readonly office: string;
  readonly timeZone: string;
  readonly work: string;
  readonly mobile: string;
  readonly languages: readonly Language[];
}

type Language = keyof typeof names;

/** Given and family names; `native|latin` where the two differ; `familyFirst` as the language writes it. */
export const names = {
  english: {
    given:
      'Amelia,Oliver,Grace,Henry,Ruby,Jack,Naomi,Samuel,Hannah,Ethan,Chloe,Nathan,Megan,Lucas,Abigail,Owen',
    family:
      "Baker,Clarke,Edwards,Fletcher,Hughes,Jenkins,Lawson,Mitchell,O'Brien,Palmer,Reid,Sutton,Turner,Whitfield,Young,McAllister",
  },
  german: {
    given:
      'Anneliese,Björn,Clara,Dieter,Friederike,Günther,Heike,Jürgen,Käthe,Lukas,Marlene,Sören,Ulrike,Wolfgang',
    family:
      'Bauer,Fuchs,Groß,Hartmann,Jäger,Köhler,Lehmann,Müller,Neumann,Schäfer,Schröder,Vogel,Weiß,Zimmermann',
  },
  french: {
    given:
      'Amélie,Benoît,Chloé,Étienne,François,Gaëlle,Hélène,Jérôme,Loïc,Margaux,Noémie,Rémi,Solène,Thibault',
    family:
      'Beaumont,Chevalier,Delacroix,Fournier,Girard,Lefèvre,Marchand,Moreau,Perrin,Renaud,Rousseau,Thévenot',
  },
  hungarian: {
    given: 'Ágnes,Balázs,Csilla,Dezső,Enikő,Ferenc,Győző,Ildikó,Katalin,László,Réka,Zoltán',
    family: 'Balogh,Farkas,Horváth,Juhász,Kovács,Lakatos,Molnár,Németh,Szabó,Takács,Varga',
  },
  polish: {
    given: 'Agnieszka,Bartosz,Elżbieta,Grzegorz,Kasia,Łukasz,Małgorzata,Paweł,Stanisław,Wojciech',
    family: 'Dąbrowska,Jabłoński,Kowalczyk,Lewandowski,Nowak,Piątek,Szymański,Wiśniewski,Zieliński',
  },
  turkish: {
    given: 'Ayşe,Burak,Çağla,Emre,Gülşen,İbrahim,Mehmet,Ömer,Şule,Yiğit',
    family: 'Aydın,Çelik,Demir,Güneş,Kılıç,Öztürk,Şahin,Yıldız',
  },
  spanish: {
    given: 'Álvaro,Beatriz,Concepción,Diego,Inés,Joaquín,Lucía,Nicolás,Sofía,Ximena',
    family: 'Aguirre,Castaño,Domínguez,Ibáñez,López,Muñoz,Núñez,Ortega,Peña,Vásquez',
  },
  vietnamese: {
    given: 'Anh,Bảo,Dũng,Hương,Linh,Minh,Ngọc,Phương,Quân,Thảo',
    family: 'Bùi,Đặng,Hoàng,Lê,Nguyễn,Phạm,Trần,Võ',
    familyFirst: true,
  },
  chinese: {
    given:
      '小明|xiaoming,雅婷|yating,志偉|zhiwei,怡君|yijun,建宏|jianhong,淑芬|shufen,家豪|jiahao,佩珊|peishan,冠廷|guanting,美玲|meiling',
    family: '王|wang,陳|chen,林|lin,張|zhang,李|li,黃|huang,吳|wu,劉|liu,蔡|cai,楊|yang',
    familyFirst: true,
    joined: true,
  },
  japanese: {
    given: '美咲|misaki,健太|kenta,さくら|sakura,大輔|daisuke,由美|yumi,翔太|shota,陽子|yoko,拓也|takuya',
    family:
      '佐藤|sato,鈴木|suzuki,高橋|takahashi,田中|tanaka,渡辺|watanabe,伊藤|ito,山本|yamamoto,中村|nakamura',
    familyFirst: true,
  },
  arabic: {
    given: 'أحمد|ahmad,فاطمة|fatima,خالد|khalid,ليلى|layla,يوسف|yusuf,مريم|maryam,عمر|omar,نور|nour',
    family: 'الحداد|alhaddad,المنصور|almansour,النجار|alnajjar,حسن|hassan,خوري|khoury,درويش|darwish',
  },
  hebrew: {
    given: 'נועה|noa,יונתן|yonatan,תמר|tamar,אורי|uri,שירה|shira,איתן|eitan,מיכל|michal,דניאל|daniel',
    family: 'כהן|cohen,לוי|levi,מזרחי|mizrahi,פרידמן|friedman,שפירא|shapira,אברהם|avraham',
  },
  hindi: {
    given: 'आरव|aarav,प्रिया|priya,रोहन|rohan,अनन्या|ananya,विक्रम|vikram,दीपिका|deepika',
    family: 'शर्मा|sharma,वर्मा|verma,गुप्ता|gupta,अय्यर|iyer,मेनन|menon,चौधरी|chaudhary',
  },
  greek: {
    given: 'Ελένη|eleni,Γιώργος|giorgos,Μαρία|maria,Νίκος|nikos,Σοφία|sofia,Δημήτρης|dimitris',
    family: 'Παπαδόπουλος|papadopoulos,Οικονόμου|oikonomou,Γεωργίου|georgiou,Νικολάου|nikolaou',
  },
  ukrainian: {
    given: 'Олена|olena,Тарас|taras,Оксана|oksana,Богдан|bohdan,Ірина|iryna,Андрій|andrii',
    family: 'Шевченко|shevchenko,Коваленко|kovalenko,Бондаренко|bondarenko,Ткаченко|tkachenko,Мельник|melnyk',
  },
} as const satisfies Record<
  string,
  { given: string; family: string; familyFirst?: boolean; joined?: boolean }
>;

export const places: readonly Place[] = [
  {
    office: 'Seattle, Pine Building',
    timeZone: 'America/Los_Angeles',
    work: '+1 206 555 01##',
    mobile: '+1 425 555 01##',
    languages: ['english', 'english', 'spanish', 'vietnamese', 'hindi'],
  },
  {
    office: 'London, Kings Wharf',
    timeZone: 'Europe/London',
    work: '+44 20 7946 0###',
    mobile: '+44 7700 900###',
    languages: ['english', 'english', 'polish', 'greek', 'hindi'],
  },
  {
    office: 'Berlin, Spreehof',
    timeZone: 'Europe/Berlin',
    work: '+49 30 23125 ###',
    mobile: '+49 171 39200 ##',
    languages: ['german', 'german', 'german', 'turkish', 'ukrainian'],
  },
  {
    office: 'Paris, Rive Gauche',
    timeZone: 'Europe/Paris',
    work: '+33 1 99 00 ## ##',
    mobile: '+33 6 39 98 ## ##',
    languages: ['french', 'french', 'french', 'arabic'],
  },
  {
    office: 'Budapest, Duna House',
    timeZone: 'Europe/Budapest',
    work: '+36 55 5## ###',
    mobile: '+36 55 6## ###',
    languages: ['hungarian', 'hungarian', 'polish'],
  },
  {
    office: 'Taipei, Xinyi Tower',
    timeZone: 'Asia/Taipei',
    work: '+886 2 5555 ####',
    mobile: '+886 955 55# ###',
    languages: ['chinese', 'chinese', 'japanese'],
  },
  {
    office: 'Tel Aviv, Harbour 5',
    timeZone: 'Asia/Jerusalem',
    work: '+972 3 555 ####',
    mobile: '+972 55 555 ####',
    languages: ['hebrew', 'hebrew', 'arabic'],
  },
];

/** Departments by weight, each with the titles of its people, the head's first. */
export const departments: readonly {
  readonly name: string;
  readonly weight: number;
  readonly titles: string;
}[] = [
  {
    name: 'Engineering',
    weight: 24,
    titles:
      'VP Engineering,Engineering Manager,Software Engineer,Senior Engineer,Test Engineer,Site Reliability Engineer',
  },
  {
    name: 'Sales',
    weight: 20,
    titles: 'VP Sales,Sales Manager,Account Executive,Sales Consultant,Account Manager',
  },
  {
    name: 'Customer Support',
    weight: 14,
    titles: 'VP Support,Support Manager,Support Engineer,Customer Advocate',
  },
  {
    name: 'Marketing',
    weight: 9,
    titles: 'VP Marketing,Marketing Manager,Campaign Specialist,Content Designer,Analyst',
  },
  {
    name: 'Product',
    weight: 7,
    titles: 'VP Product,Group Product Manager,Product Manager,Designer,User Researcher',
  },
  { name: 'Operations', weight: 7, titles: 'VP Operations,Operations Manager,Planner,Logistics Specialist' },
  { name: 'Finance', weight: 6, titles: 'CFO,Finance Manager,Accountant,Controller,Payroll Specialist' },
  { name: 'Human Resources', weight: 5, titles: 'VP People,HR Manager,HR Partner,Recruiter' },
  {
    name: 'Information Technology',
    weight: 5,
    titles: 'CIO,IT Manager,Systems Administrator,Service Desk Analyst',
  },
  { name: 'Legal', weight: 3, titles: 'General Counsel,Legal Manager,Counsel,Paralegal' },
];
