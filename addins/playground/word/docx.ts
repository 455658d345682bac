/**
 * Turns a .docx that somebody dropped into the played document: text with links, fields and tracked changes,
 * comments with their replies, and the accounts that Word keeps beside names. Formatting is not wanted here.
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
import type { Comment, Paragraph, Run, WordFile, Writer } from './document.ts';

const parts =
  /^(docProps\/core\.xml|word\/(document|comments|commentsExtended|people)\.xml|word\/_rels\/document\.xml\.rels)$/;
/** A book; more would only make the page slow. */
const mostParagraphs = 5_000;

/** Reads the file. Rejects with `no-document` where the package is something else. */
export async function readDocx(dropped: File): Promise<WordFile> {
  const file = await openPackage(dropped, parts);
  const body = elementsOf(file.xml('word/document.xml'), 'body')[0];
  if (body === undefined) throw new Error('no-document');
  const properties = coreProperties(file);
  return {
    ...properties,
    name: dropped.name,
    url: '',
    title: properties.title || dropped.name.replace(/\.docx$/i, ''),
    paragraphs: readParagraphs(body, targetsOf(file, 'word/_rels/document.xml.rels')),
    comments: readComments(file),
  };
}

// ---- the text ----

/** What holds for a run because of the elements around it. */
type Around = Omit<Run, 'text' | 'comments'>;

function readParagraphs(body: Element, targets: ReadonlyMap<string, string>): Paragraph[] {
  /** Comments whose range is open at this place of the text; ranges run across paragraphs. */
  const open = new Set<string>();

  function readRuns(parent: Element, around: Around): Run[] {
    return [...parent.children].flatMap((child): Run[] => {
      switch (child.localName) {
        case 'r': {
          const text = textOf(child);
          return text === '' ? [] : [{ ...around, text, ...(open.size > 0 ? { comments: [...open] } : {}) }];
        }
        case 'hyperlink': {
          const link = targets.get(attributeOf(child, 'id'));
          return readRuns(child, link === undefined ? around : { ...around, link });
        }
        case 'ins':
        case 'moveTo':
          return readRuns(child, {
            ...around,
            change: { kind: 'inserted', by: attributeOf(child, 'author') },
          });
        case 'del':
        case 'moveFrom':
          return readRuns(child, {
            ...around,
            change: { kind: 'deleted', by: attributeOf(child, 'author') },
          });
        case 'sdt': {
          const field = {
            tag: attributeOf(elementsOf(child, 'tag')[0], 'val'),
            title: attributeOf(elementsOf(child, 'alias')[0], 'val'),
          };
          const content = [...child.children].find(({ localName }) => localName === 'sdtContent');
          return content === undefined ? [] : readRuns(content, { ...around, field });
        }
        case 'commentRangeStart':
          open.add(attributeOf(child, 'id'));
          return [];
        case 'commentRangeEnd':
          open.delete(attributeOf(child, 'id'));
          return [];
        case 'p':
        case 'smartTag':
        case 'fldSimple':
          return readRuns(child, around);
        default:
          return [];
      }
    });
  }

  return elementsOf(body, 'p')
    .filter((paragraph) => paragraph.parentElement?.closest('p') === null)
    .slice(0, mostParagraphs)
    .map((paragraph) => {
      const style = attributeOf(elementsOf(paragraph, 'pStyle')[0], 'val').toLowerCase();
      // A field around a whole paragraph is its parent, not its child.
      const outer = paragraph.parentElement?.parentElement;
      const isField = outer?.localName === 'sdt';
      const around = isField
        ? {
            field: {
              tag: attributeOf(elementsOf(outer, 'tag')[0], 'val'),
              title: attributeOf(elementsOf(outer, 'alias')[0], 'val'),
            },
          }
        : {};
      return { style: styleOf(style, paragraph), runs: readRuns(paragraph, around) };
    });
}

function styleOf(style: string, paragraph: Element): Paragraph['style'] {
  if (style.startsWith('title')) return 'title';
  if (/^(heading|berschrift|titre|\d)/.test(style.replace(/^ü/, ''))) return 'heading';
  return elementsOf(paragraph, 'numPr').length > 0 ? 'item' : 'text';
}

function textOf(run: Element): string {
  return [...run.children]
    .map(({ localName, textContent }) => {
      if (localName === 't' || localName === 'delText') return textContent ?? '';
      if (localName === 'tab') return '\t';
      return localName === 'br' ? '\n' : '';
    })
    .join('');
}

// ---- comments ----

function readComments(file: OfficePackage): Comment[] {
  const accounts = new Map(
    elementsOf(file.xml('word/people.xml'), 'person').map((person) => [
      attributeOf(person, 'author'),
      addressOfAccount(attributeOf(elementsOf(person, 'presenceInfo')[0], 'userId')),
    ]),
  );
  // A reply is a comment whose last paragraph is said to belong under another's.
  const extended = new Map(
    elementsOf(file.xml('word/commentsExtended.xml'), 'commentEx').map((one) => [
      attributeOf(one, 'paraId'),
      { under: attributeOf(one, 'paraIdParent'), isDone: attributeOf(one, 'done') === '1' },
    ]),
  );
  const remarks = elementsOf(file.xml('word/comments.xml'), 'comment').map((element) => {
    const name = attributeOf(element, 'author');
    const by: Writer = { name, address: accounts.get(name) ?? '' };
    const at = new Date(attributeOf(element, 'date'));
    const text = elementsOf(element, 'p')
      .map((paragraph) =>
        elementsOf(paragraph, 't')
          .map(({ textContent }) => textContent)
          .join(''),
      )
      .join('\n');
    const paragraph = attributeOf(elementsOf(element, 'p').at(-1), 'paraId');
    return {
      paragraph,
      remark: { id: attributeOf(element, 'id'), by, at: Number.isNaN(at.getTime()) ? new Date(0) : at, text },
    };
  });
  return remarks
    .filter(({ paragraph }) => !extended.get(paragraph)?.under)
    .map(({ paragraph, remark }) => ({
      ...remark,
      isResolved: extended.get(paragraph)?.isDone ?? false,
      replies: remarks
        .filter((one) => paragraph !== '' && extended.get(one.paragraph)?.under === paragraph)
        .map((one) => one.remark),
    }));
}
