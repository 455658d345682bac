/** vCards ↔ cards. Pure; reading runs in the worker of reader.ts, as everything that came from outside. */
import ICAL from 'ical.js';
import type { Card } from '../../ports/cards.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/**
 * Puts the older form that Outlook still writes (2.1) into the newer one: parameters without a name are
 * types, and quoted-printable values are decoded.
 */
function modernise(source: string): string {
  // A soft line break ends in `=`; it exists in quoted-printable alone.
  const whole = source.replace(/^([^:\r\n]*QUOTED-PRINTABLE[^:\r\n]*:(?:[^\r\n]*=\r?\n)+)/gim, (line) =>
    line.replace(/=\r?\n/g, ''),
  );
  return whole
    .split(/\r?\n/)
    .map((line) => {
      const [head = '', ...rest] = line.split(':');
      const [name = '', ...parameters] = head.split(';');
      if (!/^[\w.-]+$/.test(name) || parameters.length === 0 || rest.length === 0) return line;
      let value = rest.join(':');
      const kept: string[] = [];
      for (const parameter of parameters) {
        if (/^(ENCODING=)?QUOTED-PRINTABLE$/i.test(parameter)) value = decodeQuotedPrintable(value);
        else if (/^CHARSET=/i.test(parameter)) continue;
        else kept.push(parameter.includes('=') ? parameter : `TYPE=${parameter}`);
      }
      return `${[name, ...kept].join(';')}:${value}`;
    })
    .join('\r\n');
}

const decodeQuotedPrintable = (value: string): string =>
  Buffer.from(
    value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** Reads the cards of a text; throws where it is no vCard at all. */
export function readCards(source: string, most: number): Card[] {
  const parsed = ICAL.parse(/^VERSION:2\.1/im.test(source) ? modernise(source) : source) as
    | unknown[]
    | unknown[][];
  const components = (Array.isArray(parsed[0]) ? parsed : [parsed]) as unknown[][];
  const cards: Card[] = [];
  for (const component of components) {
    const card = new ICAL.Component(component);
    if (card.name !== 'vcard') throw new Error('There is something else than vCards in it.');
    if (cards.length === most) break;
    const all = (name: string) => card.getAllProperties(name).flatMap((property) => property.getValues());
    const organisation = card.getFirstPropertyValue('org') as unknown;
    const parts = Array.isArray(organisation) ? organisation.map(text) : [text(organisation)];
    cards.push({
      name: text(card.getFirstPropertyValue('fn')).slice(0, 256),
      addresses: [...all('email'), ...all('impp')]
        .map(text)
        .filter(Boolean)
        .map((address) => address.replace(/^mailto:/i, '').slice(0, 512)),
      categories: all('categories')
        .map((value) => text(value).slice(0, 256))
        .filter(Boolean),
      phones: card.getAllProperties('tel').flatMap((property) => {
        const number = text(property.getFirstValue());
        const kinds = [property.getParameter('type') ?? []].flat().map((kind) => kind.toLowerCase());
        const kind = kinds.includes('cell') ? 'cell' : kinds.includes('home') ? 'home' : 'work';
        return number === '' ? [] : [{ kind, number } as const];
      }),
      title: text(card.getFirstPropertyValue('title')) || null,
      organisation: parts[0] || null,
      department: parts[1] || null,
    });
  }
  return cards;
}

/** Writes cards one after the other. */
export function writeCards(cards: readonly Card[]): string {
  return cards
    .map((card) => {
      const component = new ICAL.Component('vcard');
      component.addPropertyWithValue('version', '3.0');
      component.addPropertyWithValue('fn', card.name);
      // 3.0 demands the parts of a name; which part of a display name is which, only people know.
      component.addPropertyWithValue('n', ['', card.name, '', '', ''] as never);
      for (const address of card.addresses) component.addPropertyWithValue('email', address);
      for (const { kind, number } of card.phones) {
        const property = new ICAL.Property('tel', component);
        property.setParameter('type', kind);
        property.setValue(number);
        component.addProperty(property);
      }
      if (card.title !== null) component.addPropertyWithValue('title', card.title);
      if (card.organisation !== null)
        component.addPropertyWithValue('org', [card.organisation, card.department ?? ''] as never);
      if (card.categories.length > 0) {
        const property = new ICAL.Property('categories', component);
        property.setValues([...card.categories]);
        component.addProperty(property);
      }
      return `${component.toString()}\r\n`;
    })
    .join('');
}
