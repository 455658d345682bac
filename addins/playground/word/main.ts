/** `/playground/word`: composes the played Word. */
import { installTheme, setTheme } from '../../shared/ui/theme.ts';
import { fetchColleagues } from '../colleagues.ts';
import { cast } from '../outlook/demo-mails.ts';
import { oneOf, readQuery } from '../query.ts';
import { w } from '../words.ts';
import { demoDocument, demoDocuments } from './demo-documents.ts';
import './screen.ts';

const crowdSize = 2_000;

installTheme();
const { player, theme, locale } = await readQuery();
document.title = `${w('title.word')} – Jellybean`;
setTheme(theme === 'light' ? 'light' : 'dark');
const item = oneOf(demoDocuments, 'item') ?? 'campaign';
const crowd = item === 'crowd' ? await fetchColleagues(cast[player].address, crowdSize) : [];

const screen = document.createElement('jb-play-word');
screen.player = player;
screen.locale = locale;
screen.itemName = item;
screen.show(demoDocument(item, player, crowd, Date.now()), theme);
document.body.append(screen);
