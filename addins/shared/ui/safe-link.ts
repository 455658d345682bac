/**
 * Makes trickery visible: links that say one host and lead to another, hosts written in look-alike letters,
 * characters that hide or turn text around. Pure.
 */

const allowedSchemes = new Set(['http:', 'https:', 'mailto:', 'tel:']);

export interface LinkVerdict {
  /** The address to open, or null when it must not be a link at all. */
  href: string | null;
  /** The true host, to be shown beside the text because the text pretends another; null when it does not. */
  warnHost: string | null;
}

/** Judges a link by where it leads and what its text pretends. */
export function judgeLink(href: string, text: string): LinkVerdict {
  if (!URL.canParse(href)) return { href: null, warnHost: null };
  const url = new URL(href);
  if (!allowedSchemes.has(url.protocol)) return { href: null, warnHost: null };
  if (url.protocol === 'mailto:' || url.protocol === 'tel:') return { href: url.href, warnHost: null };
  // The browser has written letters beyond ASCII as xn--…: shown that way they cannot pass for others.
  const isLookAlike = url.hostname.split('.').some((label) => label.startsWith('xn--'));
  const hasUser = url.username !== '' || url.password !== '';
  const claimed = hostIn(text);
  const lies = claimed !== null && bare(claimed) !== bare(url.hostname);
  return { href: url.href, warnHost: lies || isLookAlike || hasUser ? url.hostname : null };
}

const bare = (host: string) => host.toLowerCase().replace(/^www\./, '');

/** The host that a link's text claims to lead to, if it looks like an address at all. */
function hostIn(text: string): string | null {
  const match = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,})(?::\d+)?(?:[/?#]\S*)?\s*$/iu.exec(
    text,
  );
  if (!match) return null;
  const address = `https://${match[1]}`;
  return URL.canParse(address) ? new URL(address).hostname : null;
}

/** Bidirectional controls, zero-width characters and other format characters that show nothing themselves. */
const hiding =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

/**
 * Makes hiding characters visible. Marks that right-to-left text needs (U+200E, U+200F) stay when the text has
 * such letters; the joiners inside emoji and Indic or Arabic words (U+200C, U+200D) always stay.
 */
export function revealHidden(text: string): { text: string; found: boolean } {
  const isRightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(text);
  // The tags of flags (England, Scotland, Wales) are format characters too.
  const isFlag = text.includes('\u{1F3F4}');
  let found = false;
  const shown = text.replaceAll(hiding, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (isRightToLeft && (code === 0x200e || code === 0x200f)) return character;
    if (isFlag && code >= 0xe0000) return character;
    found = true;
    return `⟦${code.toString(16).toUpperCase().padStart(4, '0')}⟧`;
  });
  return { text: shown, found };
}
