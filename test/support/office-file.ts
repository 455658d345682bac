/** Small real Office files, part by part as Word and Excel write them, for whoever reads such files. */
import { strToU8, zipSync } from 'fflate';

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const word15 = 'http://schemas.microsoft.com/office/word/2012/wordml';
const word14 = 'http://schemas.microsoft.com/office/word/2010/wordml';
const relations = 'http://schemas.openxmlformats.org/package/2006/relationships';
const officeRelations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export function packageOf(parts: Readonly<Record<string, string>>): Buffer {
  const files = Object.entries(parts).map(([path, text]) => [path, strToU8(declaration + text)]);
  return Buffer.from(zipSync(Object.fromEntries(files)));
}

export function coreOf(title: string, author: string, lastAuthor: string): string {
  return `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${title}</dc:title><dc:creator>${author}</dc:creator><cp:lastModifiedBy>${lastAuthor}</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">2026-11-02T12:00:00Z</dcterms:created></cp:coreProperties>`;
}

/** A document with a heading, a commented sentence with a reply, both kinds of changes, a link and a field. */
export function wordFile(): Buffer {
  const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
  const comment = (id: string, author: string, paragraph: string, text: string) =>
    `<w:comment w:id="${id}" w:author="${author}" w:date="2026-11-02T12:0${id}:00Z" w:initials="X"><w:p w14:paraId="${paragraph}">${run(text)}</w:p></w:comment>`;
  return packageOf({
    'docProps/core.xml': coreOf('Minutes', 'Alice Lindgren', 'Carol Diaz'),
    'word/document.xml': `<w:document xmlns:w="${word}" xmlns:r="${officeRelations}"><w:body>
      <w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>${run('Minutes')}</w:p>
      <w:p><w:commentRangeStart w:id="0"/>${run('We meet on Thursday.')}<w:commentRangeEnd w:id="0"/>
        <w:ins w:id="9" w:author="Dave Osei" w:date="2026-11-02T12:00:00Z">${run(' At ten.')}</w:ins>
        <w:del w:id="10" w:author="Dave Osei"><w:r><w:delText> At nine.</w:delText></w:r></w:del></w:p>
      <w:p><w:hyperlink r:id="rId5">${run('Maria Rossi')}</w:hyperlink>${run(' writes the minutes; copy to erin@contoso.example.')}</w:p>
      <w:sdt><w:sdtPr><w:alias w:val="Owner"/><w:tag w:val="owner"/></w:sdtPr><w:sdtContent><w:p>${run('Nobody We Know')}</w:p></w:sdtContent></w:sdt>
    </w:body></w:document>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="${relations}"><Relationship Id="rId5" Type="${officeRelations}/hyperlink" Target="mailto:maria@fabrikam.example" TargetMode="External"/></Relationships>`,
    'word/comments.xml': `<w:comments xmlns:w="${word}" xmlns:w14="${word14}">${comment('0', 'Bob K', 'AA01', 'Which Thursday?')}${comment('1', 'Carol Diaz', 'AA02', 'The next one.')}</w:comments>`,
    'word/commentsExtended.xml': `<w15:commentsEx xmlns:w15="${word15}"><w15:commentEx w15:paraId="AA01" w15:done="0"/><w15:commentEx w15:paraId="AA02" w15:paraIdParent="AA01" w15:done="0"/></w15:commentsEx>`,
    'word/people.xml': `<w15:people xmlns:w15="${word15}"><w15:person w15:author="Bob K"><w15:presenceInfo w15:providerId="AD" w15:userId="S::bob@contoso.example::11111111-1111-4111-8111-111111111111"/></w15:person></w15:people>`,
  });
}

/** A workbook with shared and inline texts, a link, a number, a threaded comment with a mention and its reply. */
export function excelFile(): Buffer {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const threaded = 'http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments';
  const related = (id: string, kind: string, target: string, more = '') =>
    `<Relationship Id="${id}" Type="${officeRelations}/${kind}" Target="${target}"${more}/>`;
  const person = (id: string, name: string, account: string) =>
    `<person displayName="${name}" id="{${id}}" userId="${account}" providerId="AD"/>`;
  return packageOf({
    'docProps/core.xml': coreOf('Rota', 'Alice Lindgren', 'Dave Osei'),
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${officeRelations}"><sheets><sheet name="My rota" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${relations}">${related('rId1', 'worksheet', 'worksheets/sheet1.xml')}</Relationships>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}"><si><t>Who</t></si><si><r><t>carol@</t></r><r><t>contoso.example</t></r></si></sst>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}" xmlns:r="${officeRelations}"><sheetData>
      <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>12.5</v></c></row>
      <row r="2"><c r="A2" t="s"><v>1</v></c></row>
      <row r="4"><c r="A4" t="inlineStr"><is><t>Maria Rossi</t></is></c><c r="C4" t="str"><f>A2</f><v>erin@contoso.example</v></c></row>
    </sheetData><hyperlinks><hyperlink ref="A4" r:id="rId3"/></hyperlinks></worksheet>`,
    'xl/worksheets/_rels/sheet1.xml.rels': `<Relationships xmlns="${relations}">${related('rId2', 'threadedComment', '../threadedComments/threadedComment1.xml')}${related('rId3', 'hyperlink', 'mailto:maria@fabrikam.example', ' TargetMode="External"')}</Relationships>`,
    'xl/threadedComments/threadedComment1.xml': `<ThreadedComments xmlns="${threaded}">
      <threadedComment ref="B1" dT="2026-11-02T12:00:00.00" personId="{P1}" id="{C1}"><text>@Erin Walsh is this right?</text><mentions><mention mentionpersonId="{P3}" mentionId="{M1}" startIndex="0" length="11"/></mentions></threadedComment>
      <threadedComment ref="B1" dT="2026-11-02T12:01:00.00" personId="{P2}" id="{C2}" parentId="{C1}"><text>It is.</text></threadedComment>
    </ThreadedComments>`,
    'xl/persons/person.xml': `<personList xmlns="${threaded}">${person('P1', 'Bob K', 'S::bob@contoso.example::1')}${person('P2', 'Carol Diaz', 'S::carol@contoso.example::2')}${person('P3', 'Erin Walsh', 'S::erin@contoso.example::3')}</personList>`,
  });
}
