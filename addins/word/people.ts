/**
 * Whom a Word document concerns: who wrote it, comments on it, changed it, is in it now, or is named in it. The
 * only file that knows Word's object model.
 */

import type { Attention } from '../shared/office/attention.ts';
import {
  aboutComment,
  addressesIn,
  addressOfLink,
  createDocumentPeople,
  type DocumentHost,
  type DocumentLine,
  nameDocument,
  type Selected,
} from '../shared/office/document-people.ts';
import { type OfficeApi, supports } from '../shared/office/host.ts';
import type { RunWord, WordComment, WordField, WordRange, WordRemark } from '../shared/office/word.ts';
import type { ItemPerson, OpenItem, PeopleSource, PersonRole } from '../shared/people-source.ts';
import { reviewersIn } from './ooxml.ts';

/** What a comment says is cut for the eye. */
const quoteCharacters = 300;
/** Comments raise no event in Word, live co-authors neither; the text is read seldom, being long. */
const pace = { coauthors: 10_000, remarks: 15_000, text: 60_000 } as const;
const remarkPaths = ['authorName', 'authorEmail', 'content', 'creationDate'];
const commentPaths = [...remarkPaths, ...remarkPaths.map((path) => `replies/items/${path}`)]
  .map((path) => `items/${path}`)
  .join(',');
/** A field is one for a person when it says so. */
const personTags = /^(jellybean[-:])?(person|people|contact|owner|author|reviewer|approver|assignee)\b/i;

/** Begins to follow the document. */
export function createWordPeople(office: OfficeApi, run: RunWord, attention?: Attention): PeopleSource {
  return createDocumentPeople(wordDocument(office, run), attention);
}

function wordDocument(office: OfficeApi, run: RunWord): DocumentHost {
  const { document } = office.context;
  const hasComments = supports(office, 'wordComments');
  const line = (role: PersonRole, read: (context: Batch) => Promise<ItemPerson[]>, everyMs: number) => ({
    role,
    read: () => run(read),
    everyMs,
    isHeavy: role !== 'author' && role !== 'co-author',
  });
  // In the order in which people are shown: who is here, who made it, who spoke, who is named.
  const lines: DocumentLine[] = [
    ...(supports(office, 'coauthors') ? [line('co-author', readCoauthors, pace.coauthors)] : []),
    line('author', readAuthors, pace.text),
    ...(hasComments ? [line('commenter', readComments, pace.remarks)] : []),
    line('reviewer', reviewersBy(supports(office, 'trackedChanges')), pace.text),
    line('tagged', readFields, pace.text),
    line('linked', readText, pace.text),
  ];

  return {
    kind: 'document',
    lines,
    identify: () =>
      run(async (context) => {
        const { properties } = context.document;
        properties.load('title,author,creationDate');
        await context.sync();
        return nameDocument('document', document?.url ?? '', properties);
      }),
    readSelection: (context) => run((word) => readSelection(word, context, hasComments)),
    follow(onSelection) {
      const event = office.EventType.DocumentSelectionChanged;
      if (document === undefined || event === undefined) return () => {};
      document.addHandlerAsync(event, onSelection);
      return () => document.removeHandlerAsync?.(event, { handler: onSelection });
    },
  };
}

type Batch = Parameters<RunWord>[0] extends (context: infer Context) => unknown ? Context : never;
const named = (name: string, role: PersonRole): ItemPerson => ({ name, address: '', roles: [role] });
const found = (address: string, role: PersonRole): ItemPerson => ({ name: '', address, roles: [role] });

async function readAuthors(context: Batch): Promise<ItemPerson[]> {
  const { properties } = context.document;
  properties.load('author,lastAuthor');
  await context.sync();
  return [named(properties.author, 'author'), named(properties.lastAuthor, 'last-author')];
}

async function readCoauthors(context: Batch): Promise<ItemPerson[]> {
  const { coauthoring } = context.document;
  if (coauthoring === undefined) return [];
  const { authors } = coauthoring;
  authors.load('items/name,items/emailAddress');
  await context.sync();
  return authors.items.map(({ name, emailAddress }) => ({
    name,
    address: emailAddress,
    roles: ['co-author'],
  }));
}

async function readComments(context: Batch): Promise<ItemPerson[]> {
  const comments = context.document.body.getComments();
  comments.load(commentPaths);
  await context.sync();
  return comments.items.flatMap(peopleOfComment);
}

const reviewersBy =
  (knowsChanges: boolean) =>
  async (context: Batch): Promise<ItemPerson[]> => {
    const { body } = context.document;
    if (knowsChanges && body.getTrackedChanges !== undefined) {
      const changes = body.getTrackedChanges();
      changes.load('items/author');
      await context.sync();
      return [...new Set(changes.items.map(({ author }) => author))].map((name) => named(name, 'reviewer'));
    }
    const ooxml = body.getOoxml();
    await context.sync();
    return reviewersIn(ooxml.value);
  };

async function readFields(context: Batch): Promise<ItemPerson[]> {
  const fields = context.document.contentControls;
  fields.load('items/tag,items/title,items/text');
  await context.sync();
  return fields.items.flatMap(personOfField);
}

async function readText(context: Batch): Promise<ItemPerson[]> {
  const { body } = context.document;
  body.load('text');
  const links = body.getRange().getHyperlinkRanges();
  links.load('items/hyperlink,items/text');
  await context.sync();
  return [...links.items.flatMap(personOfLink), ...addressesIn(body.text).map((one) => found(one, 'linked'))];
}

/** The people of the selected text; with a comment under it, they are the comment's, and so is the chat. */
async function readSelection(
  context: Batch,
  whole: OpenItem['context'],
  hasComments: boolean,
): Promise<Selected> {
  const range = context.document.getSelection();
  range.load('text');
  range.contentControls.load('items/tag,items/title,items/text');
  const links = range.getHyperlinkRanges();
  links.load('items/hyperlink,items/text');
  const comments = hasComments ? range.getComments() : null;
  comments?.load(commentPaths);
  await context.sync();
  const remarked = comments?.items ?? [];
  const people = [
    ...remarked.flatMap(peopleOfComment),
    ...range.contentControls.items.flatMap(personOfField),
    ...links.items.flatMap(personOfLink),
    ...addressesIn(range.text).map((one) => found(one, 'linked')),
  ];
  const [comment] = remarked;
  const quote = comment?.content.trim().slice(0, quoteCharacters) ?? '';
  const about = comment && whole ? aboutComment(comment, quote, whole) : null;
  return { focus: people.length === 0 ? null : { quote, people, context: about }, isPartial: false };
}

function peopleOfComment(comment: WordComment): ItemPerson[] {
  const from = (remark: WordRemark, role: PersonRole): ItemPerson => ({
    name: remark.authorName,
    address: remark.authorEmail ?? '',
    roles: [role],
  });
  return [from(comment, 'commenter'), ...comment.replies.items.map((reply) => from(reply, 'replier'))];
}

function personOfField({ tag, title, text }: WordField): ItemPerson[] {
  if (!personTags.test(tag)) return [];
  const [address] = [tag, title, text].flatMap(addressesIn);
  const name = text.trim() || title;
  if (address !== undefined) return [{ name: name.includes('@') ? '' : name, address, roles: ['tagged'] }];
  return name === '' ? [] : [named(name, 'tagged')];
}

function personOfLink({ hyperlink, text }: WordRange): ItemPerson[] {
  const address = addressOfLink(hyperlink);
  if (address === null) return [];
  return [{ address, name: text.includes('@') ? '' : text.trim(), roles: ['linked'] }];
}
