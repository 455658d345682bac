/**
 * Turns a .xlsx that somebody dropped into the played workbook: the first sheet's values and links, threaded
 * comments with their people, and notes. Formulas are shown by their last result; formats are not wanted here.
 */
import {
  addressOfAccount,
  attributeOf,
  coreProperties,
  elementsOf,
  type OfficePackage,
  openPackage,
  targetsOf,
} from '../package.ts';
import type { Writer } from '../word/document.ts';
import { type Cell, type CellComment, cellOf, type Remark, type WorkbookFile } from './workbook.ts';

const parts =
  /^(docProps\/core\.xml|xl\/(workbook|sharedStrings)\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/worksheets\/([^/]+\.xml|_rels\/[^/]+\.rels)|xl\/(comments|threadedComments|persons)\/?[^/]*\.xml)$/;
const mostRows = 20_000;
const mostColumns = 200;

/** Reads the file. Rejects with `no-workbook` where the package is something else. */
export async function readXlsx(dropped: File): Promise<WorkbookFile> {
  const file = await openPackage(dropped, parts);
  const sheet = elementsOf(file.xml('xl/workbook.xml'), 'sheet')[0];
  if (sheet === undefined) throw new Error('no-workbook');
  const target = targetsOf(file, 'xl/_rels/workbook.xml.rels').get(relationOf(sheet)) ?? '';
  const path = resolve('xl/', target);
  const properties = coreProperties(file);
  return {
    ...properties,
    name: dropped.name,
    url: '',
    title: properties.title || dropped.name.replace(/\.xlsx$/i, ''),
    sheet: attributeOf(sheet, 'name') || 'Sheet1',
    rows: readRows(file, path),
    comments: readComments(file, path),
  };
}

/** `r:id`; a sheet has an attribute `sheetId` beside it. */
const relationOf = (element: Element): string =>
  [...element.attributes].find(({ localName, prefix }) => localName === 'id' && prefix !== null)?.value ?? '';

function resolve(folder: string, target: string): string {
  return new URL(target, `https://package.invalid/${folder}`).pathname.slice(1);
}

const relationsOf = (path: string): string => path.replace(/([^/]+)$/, '_rels/$1.rels');

// ---- cells ----

function readRows(file: OfficePackage, path: string): (Cell | null)[][] {
  const shared = elementsOf(file.xml('xl/sharedStrings.xml'), 'si').map((item) =>
    elementsOf(item, 't')
      .filter((text) => text.parentElement?.localName !== 'rPh')
      .map(({ textContent }) => textContent)
      .join(''),
  );
  const sheet = file.xml(path);
  const rows: (Cell | null)[][] = [];
  for (const element of elementsOf(sheet, 'c')) {
    const place = cellOf(attributeOf(element, 'r'));
    if (place === null || place.row >= mostRows || place.column >= mostColumns) continue;
    const cell = readCell(element, shared);
    if (cell === null) continue;
    while (rows.length <= place.row) rows.push([]);
    const row = rows[place.row] as (Cell | null)[];
    while (row.length < place.column) row.push(null);
    row[place.column] = cell;
  }
  const targets = targetsOf(file, relationsOf(path));
  for (const link of elementsOf(sheet, 'hyperlink')) {
    const place = cellOf(attributeOf(link, 'ref'));
    const target = targets.get(relationOf(link));
    const row = rows[place?.row ?? -1];
    const cell = row?.[place?.column ?? -1];
    if (row && cell && place && target !== undefined) row[place.column] = { ...cell, link: target };
  }
  return rows.map((row) => row.map((cell) => cell ?? null));
}

function readCell(element: Element, shared: readonly string[]): Cell | null {
  const type = attributeOf(element, 't');
  const value = elementsOf(element, 'v')[0]?.textContent ?? '';
  if (type === 's') return { value: shared[Number(value)] ?? '' };
  if (type === 'inlineStr')
    return {
      value: elementsOf(element, 't')
        .map(({ textContent }) => textContent)
        .join(''),
    };
  if (value === '') return null;
  if (type === 'b') return { value: value === '1' };
  return { value: type === '' || type === 'n' ? Number(value) : value };
}

// ---- comments ----

function readComments(file: OfficePackage, path: string): CellComment[] {
  const targets = [...targetsOf(file, relationsOf(path)).values()].map((target) =>
    resolve(path.replace(/[^/]+$/, ''), target),
  );
  const threads = targets.find((target) => /threadedComment/.test(target));
  if (threads !== undefined) return readThreads(file, threads);
  const notes = targets.find((target) => /comments/.test(target));
  return notes === undefined ? [] : readNotes(file, notes);
}

function readThreads(file: OfficePackage, path: string): CellComment[] {
  const people = new Map<string, Writer>();
  for (const part of file.paths(/^xl\/persons\//)) {
    for (const person of elementsOf(file.xml(part), 'person')) {
      const address = addressOfAccount(attributeOf(person, 'userId'));
      people.set(attributeOf(person, 'id'), { name: attributeOf(person, 'displayName'), address });
    }
  }
  const nobody: Writer = { name: '', address: '' };
  const all = elementsOf(file.xml(path), 'threadedComment').map((element) => {
    const at = new Date(attributeOf(element, 'dT'));
    const remark: Remark = {
      id: attributeOf(element, 'id'),
      by: people.get(attributeOf(element, 'personId')) ?? nobody,
      at: Number.isNaN(at.getTime()) ? new Date(0) : at,
      text: elementsOf(element, 'text')[0]?.textContent ?? '',
      mentions: elementsOf(element, 'mention').flatMap((mention) => {
        const person = people.get(attributeOf(mention, 'mentionpersonId'));
        return person === undefined ? [] : [person];
      }),
    };
    return { remark, parent: attributeOf(element, 'parentId'), place: cellOf(attributeOf(element, 'ref')) };
  });
  return all.flatMap(({ remark, parent, place }) =>
    parent !== '' || place === null
      ? []
      : [
          {
            ...remark,
            ...place,
            replies: all.filter((one) => one.parent === remark.id).map((one) => one.remark),
          },
        ],
  );
}

function readNotes(file: OfficePackage, path: string): CellComment[] {
  const part = file.xml(path);
  const authors = elementsOf(part, 'author').map(({ textContent }) => textContent?.trim() ?? '');
  return elementsOf(part, 'comment').flatMap((element, index) => {
    const place = cellOf(attributeOf(element, 'ref'));
    const name = authors[Number(attributeOf(element, 'authorId'))] ?? '';
    const text = elementsOf(element, 't')
      .map(({ textContent }) => textContent)
      .join('');
    const by = { name, address: '' };
    return place === null
      ? []
      : [{ id: `note-${index}`, by, at: new Date(0), text, mentions: [], ...place, replies: [] }];
  });
}
