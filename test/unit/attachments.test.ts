import { describe, expect, test } from 'vitest';
import {
  blockListOf,
  contentDisposition,
  defaultBlockedExtensions,
  mediaTypeOf,
  refuseBlocked,
  safeName,
} from '../../server/domain/attachments.ts';

const blocked = new Set(defaultBlockedExtensions);

describe('names', () => {
  test.each([
    ['Budget 2027.xlsx', 'Budget 2027.xlsx'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\a\\x.txt', 'x.txt'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['a\u0000b\u200B.txt', 'ab.txt'],
    ['..', 'file'],
    ['', 'file'],
    ['  .hidden ', 'hidden'],
    ['a<b>:"c.txt', 'a_b___c.txt'],
    [`${'x'.repeat(300)}.docx`, `${'x'.repeat(195)}.docx`],
    ['e\u0301.txt', '\u00e9.txt'],
  ])('[IM30] %j is saved as %j', (given, expected) => {
    expect(safeName(given)).toBe(expected);
  });

  test('[IM30] the download header takes any name without breaking out of it', () => {
    expect(contentDisposition('Übersicht "x".pdf')).toBe(
      `attachment; filename="_bersicht _x_.pdf"; filename*=UTF-8''%C3%9Cbersicht%20%22x%22.pdf`,
    );
  });
});

describe('blocked types', () => {
  test('[IM31] the list is the built-in one, another, or one with more and less', () => {
    expect(blockListOf(['default']).blocked).toEqual(defaultBlockedExtensions);
    expect(blockListOf(['none'])).toEqual({ blocked: [], wrong: [] });
    expect(blockListOf(['zip', '.SVG']).blocked).toEqual(['zip', 'svg']);
    const { blocked: changed } = blockListOf(['default', 'svg', '-url']);
    expect(changed).toContain('svg');
    expect(changed).not.toContain('url');
    expect(changed).toHaveLength(defaultBlockedExtensions.length);
    expect(blockListOf(['none', 'zip', '*.exe', 'a b', '-']).wrong).toEqual(['none', '*.exe', 'a b', '-']);
  });

  test.each([
    ['run.exe', null, true],
    ['RUN.EXE', null, true],
    ['report.exe.pdf', 'application/pdf', true],
    ['report.pdf', 'application/x-msdownload', true],
    ['core', 'application/x-elf', true],
    ['report.pdf', 'application/pdf', false],
    ['notes', null, false],
    ['page.html', null, false],
  ])('[IM31] %s with content %s is blocked: %s', (name, sniffed, expected) => {
    expect(refuseBlocked(name, sniffed, blocked)?.refused === 'attachment-blocked').toBe(expected);
  });

  test('[IM31] the list is the policy’s', () => {
    expect(refuseBlocked('a.docm', null, new Set(['docm']))).not.toBeNull();
    expect(refuseBlocked('a.exe', 'application/x-msdownload', new Set())).toBeNull();
  });
});

test.each([
  ['a.png', 'image/png', false, 'image/png'],
  ['a.html', null, true, 'text/plain'],
  ['a.svg', 'image/svg+xml', false, 'application/octet-stream'],
  ['a.xml', 'application/xml', false, 'application/octet-stream'],
  ['a.png', null, true, 'text/plain'],
  ['a.csv', null, true, 'text/csv'],
  ['a.bin', null, false, 'application/octet-stream'],
])('[IM32] %s of content %s is told as %s', (name, sniffed, isText, expected) => {
  expect(mediaTypeOf(name, sniffed, isText)).toBe(expected);
});
