/** Composes the console: language, theme, and one element that is the whole page. */
import './console.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { installTheme } from '../shared/ui/theme.ts';

await speakTo(navigator.languages);
installTheme();
document.body.replaceChildren(document.createElement('jb-console'));
