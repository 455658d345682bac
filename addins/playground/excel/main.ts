/** `/playground/excel`: composes the played Excel. */
import { installTheme, setTheme } from '../../shared/ui/theme.ts';
import { fetchColleagues } from '../colleagues.ts';
import { cast } from '../outlook/demo-mails.ts';
import { oneOf, readQuery } from '../query.ts';
import { w } from '../words.ts';
import { demoWorkbook, demoWorkbooks } from './demo-workbooks.ts';
import './screen.ts';

const crowdSize = { budget: 0, presence: 2_000, crowd: 5_000 } as const;

installTheme();
const { player, theme, locale } = await readQuery();
document.title = `${w('title.excel')} – Jellybean`;
setTheme(theme === 'light' ? 'light' : 'dark');
const item = oneOf(demoWorkbooks, 'item') ?? 'budget';
const size = crowdSize[item];
const crowd = size > 0 ? await fetchColleagues(cast[player].address, size) : [];

const screen = document.createElement('jb-play-excel');
screen.player = player;
screen.locale = locale;
screen.itemName = item;
screen.show(demoWorkbook(item, player, crowd, Date.now()), theme);
document.body.append(screen);
