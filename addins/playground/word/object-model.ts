/**
 * Word's object model over the played document, as far as an add-in that looks for people asks: properties,
 * body, ranges, comments with replies, links, fields, and the text as Office Open XML with its tracked changes.
 */
import { RichList, type RichObject } from '../host/rich-api.ts';
import type { Comment, PlacedRun, PlayedDocument, RunRange } from './document.ts';

/** Makes the `Document` of office.js as the document is at this moment. */
export function wordModel(played: PlayedDocument): RichObject {
  const { file, runs } = played;
  const whole: RunRange = { from: 0, to: runs.length - 1 };
  const within = (range: RunRange | null): readonly PlacedRun[] =>
    range === null ? [] : runs.slice(range.from, range.to + 1);
  const read = (some: readonly PlacedRun[]): string =>
    some
      .map(({ text, change, ends }, index) => {
        const end = ends && index < some.length - 1 ? '\r' : '';
        return (change?.kind === 'deleted' ? '' : text) + end;
      })
      .join('');

  function rangeOf(range: RunRange | null): RichObject {
    const some = within(range);
    const links = some.filter(({ link }) => link !== undefined);
    return {
      text: read(some),
      isEmpty: some.length === 0,
      hyperlink: links.length === 1 && some.length === 1 ? (links[0]?.link ?? '') : '',
      contentControls: fieldsOf(some),
      getComments: () => commentsOf(some),
      getHyperlinkRanges: () => new RichList(linksOf(range)),
      getOoxml: () => ooxmlOf(some),
      getRange: () => rangeOf(range),
      select: () => played.select(range),
    };
  }

  function linksOf(range: RunRange | null): RichObject[] {
    return within(range).flatMap(({ link }, index) => {
      const at = (range?.from ?? 0) + index;
      return link === undefined ? [] : [rangeOf({ from: at, to: at })];
    });
  }

  function fieldsOf(some: readonly PlacedRun[]): RichList {
    const fields = Map.groupBy(
      some.filter(({ field }) => field !== undefined),
      ({ field }) => `${field?.tag}\n${field?.title}`,
    );
    return new RichList(
      [...fields.values()].map((inside, index) => ({
        id: index + 1,
        tag: inside[0]?.field?.tag ?? '',
        title: inside[0]?.field?.title ?? '',
        text: read(inside),
      })),
      'id',
    );
  }

  function commentsOf(some: readonly PlacedRun[]): RichList {
    const ids = new Set(some.flatMap(({ comments }) => comments ?? []));
    return new RichList(file.comments.filter(({ id }) => ids.has(id)).map(toComment), 'id');
  }

  function toComment(comment: Comment): RichObject {
    const places = runs.flatMap((run, index) => (run.comments?.includes(comment.id) ? [index] : []));
    const range = places.length === 0 ? null : { from: places[0] as number, to: places.at(-1) as number };
    return {
      ...toRemark(comment),
      resolved: comment.isResolved,
      replies: new RichList(comment.replies.map(toRemark), 'id'),
      contentRange: { text: comment.text },
      getRange: () => rangeOf(range),
    };
  }

  const body = {
    ...rangeOf(whole),
    type: 'MainDoc',
    getRange: () => rangeOf(whole),
    // A comment whose place was cut stays in the file.
    getComments: () => new RichList(file.comments.map(toComment), 'id'),
  };
  return {
    saved: true,
    body,
    contentControls: fieldsOf(runs),
    properties: {
      title: file.title,
      author: file.author,
      lastAuthor: file.lastAuthor,
      creationDate: file.createdAt,
    },
    getSelection: () => rangeOf(played.selection),
  };
}

function toRemark(remark: Omit<Comment, 'replies' | 'isResolved'>): RichObject {
  return {
    id: remark.id,
    authorName: remark.by.name,
    authorEmail: remark.by.address,
    content: remark.text,
    creationDate: remark.at,
  };
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const toXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] as string);

/** The flat package that Word gives for a range, with the marks of tracked changes. */
function ooxmlOf(runs: readonly PlacedRun[]): string {
  const marks = { inserted: 'ins', deleted: 'del' } as const;
  const body = runs.map(({ text, change }) => {
    const run = `<w:r><w:t xml:space="preserve">${toXml(text)}</w:t></w:r>`;
    if (change === undefined) return run;
    const mark = marks[change.kind];
    return `<w:${mark} w:id="1" w:author="${toXml(change.by)}" w:date="2026-11-02T12:00:00Z">${run}</w:${mark}>`;
  });
  return `<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part pkg:name="/word/document.xml"><pkg:xmlData><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>${body.join('')}</w:p></w:body></w:document></pkg:xmlData></pkg:part></pkg:package>`;
}
