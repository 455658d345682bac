/** A file of vCards, cut into pieces that are sent one after the other, so that a long import shows how far it is. */

export interface CardPiece {
  readonly text: string;
  readonly cards: number;
}

/** Cuts at the ends of cards; what is no card stays with the piece it stands in, for the server to judge. Linear. */
export function cutCards(text: string, cardsEach: number): readonly CardPiece[] {
  const pieces: CardPiece[] = [];
  let from = 0;
  let cards = 0;
  for (const end of text.matchAll(/^END:VCARD[ \t]*(?:\r?\n|$)/gim)) {
    cards += 1;
    if (cards < cardsEach) continue;
    const to = end.index + end[0].length;
    pieces.push({ text: text.slice(from, to), cards });
    from = to;
    cards = 0;
  }
  if (cards > 0) pieces.push({ text: text.slice(from), cards });
  return pieces;
}
