/** What the address of a playground says: `?as=bob&item=campaign&theme=dark&language=de-DE`. */
import { speakTo } from '../shared/i18n/page.ts';
import { type Player, players } from './outlook/demo-mails.ts';
import { type ThemeName, themes } from './outlook/mailbox.ts';

const query = new URLSearchParams(location.search);

/** The parameter, where it is one of the values. */
export function oneOf<Value extends string>(values: readonly Value[], name: string): Value | undefined {
  return values.find((value) => value === query.get(name));
}

/** Who plays, in which theme and language; the language is loaded when it resolves. */
export async function readQuery(): Promise<{ player: Player; theme: ThemeName; locale: string }> {
  const wanted = [query.get('language'), ...navigator.languages].filter((tag) => tag !== null);
  await speakTo(wanted);
  const systemTheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return {
    player: oneOf(players, 'as') ?? 'alice',
    theme: oneOf(themes, 'theme') ?? systemTheme,
    locale: query.get('language') ?? navigator.language,
  };
}
