/** Composes the web client: language, theme, and one element that is the whole page. */
import './app.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { installTheme } from '../shared/ui/theme.ts';

await speakTo(navigator.languages);
installTheme();
const page = new CSSStyleSheet();
page.replaceSync('html,body{height:100%}body{overflow:hidden}');
document.adoptedStyleSheets.push(page);
document.body.replaceChildren(document.createElement('jb-web'));
