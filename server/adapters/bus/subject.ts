/**
 * NATS subjects: `jellybean.<organisation>.<what>[.<about>]`: `notice` for every node, `people` for those who have
 * streams of a bucket of people, `ask` for one node. Dots, blanks, `*` and `>` are syntax there, so
 * every token that comes from data is encoded: what is no letter, digit, `-` or `_` becomes `=` and two
 * hexadecimal digits per byte of UTF-8.
 */
const plain = /[^A-Za-z0-9_-]/gu;
const maxToken = 200;

/** One token; never empty, and cut where data is absurdly long (the body of a notice says it all again). */
export function encodeToken(text: string): string {
  const encoded = text.replace(plain, (sign) =>
    [...Buffer.from(sign)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return encoded === '' ? '=' : encoded.slice(0, maxToken);
}

/** Joins encoded tokens. */
export const subjectOf = (...tokens: readonly string[]): string =>
  ['jellybean', ...tokens.map(encodeToken)].join('.');
