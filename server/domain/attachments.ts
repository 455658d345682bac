/**
 * What files may be sent, and how a browser is made to treat them: names that hide nothing, types by content
 * and not by claim, a list of blocked types. Bytes are never unpacked and never shown as a page.
 */
import type { Refusal } from './conversations.ts';

/**
 * Blocked by default: what runs on a double click (facts: Lync's file transfer filter), and what a browser or
 * Office runs with the rights of a document that one was sent.
 */
export const defaultBlockedExtensions: readonly string[] = (
  'ade adp app appref-ms appx appxbundle asp bas bat cer chm cmd cnt com cpl crt csh der diagcab exe fxp gadget ' +
  'grp hlp hpj hta inf ins isp its jar jnlp js jse ksh lnk mad maf mag mam maq mar mas mat mau mav maw mcf mda ' +
  'mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msi msix msp mst msu ops osd pcd pif pl plg prf prg printerexport ' +
  'ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pst py pyc pyo pyw pyz pyzw reg scf scr sct settingcontent-ms shb ' +
  'shs theme tmp udl url vb vbe vbp vbs vhd vhdx vsmacros vsw webpnp website ws wsb wsc wsf wsh xbap xll xnk'
).split(' ');

/**
 * The list that a setting asks for: extensions to block, or `default` for the built-in list with more behind
 * it; `-zip` takes one out again, `none` blocks nothing. `wrong` names what is no extension; `none` beside others is,
 * since it cannot be told which of the two was meant.
 */
export function blockListOf(entries: readonly string[]): { blocked: readonly string[]; wrong: string[] } {
  const blocked = new Set<string>();
  const wrong: string[] = [];
  for (const given of entries) {
    const entry = given.toLowerCase().replace(/^(-?)\./, '$1');
    if (entry === 'none') {
      if (entries.length > 1) wrong.push(given);
    } else if (entry === 'default') for (const one of defaultBlockedExtensions) blocked.add(one);
    else if (!/^-?[\p{L}\p{N}_][\p{L}\p{N}_-]{0,31}$/u.test(entry)) wrong.push(given);
    else if (entry.startsWith('-')) blocked.delete(entry.slice(1));
    else blocked.add(entry);
  }
  return { blocked: [...blocked], wrong };
}

/** Programs by content, whatever they are called. */
const programTypes: ReadonlySet<string> = new Set([
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/java-vm',
  'application/x-ms-shortcut',
  'application/x-msi',
]);

const maxNameCharacters = 200;

/**
 * The name as it is shown and saved: no path, no control characters, none of the signs that reverse or hide
 * text (a "gpj.exe" that reads as "exe.jpg"), never empty, at most 200 characters with its extension kept.
 */
export function safeName(given: string): string {
  const name = given
    .normalize('NFC')
    // A file name is bytes from somebody else's machine; only what can be seen of it is kept.
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '')
    .split(/[\\/]/)
    .at(-1)!
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (name === '') return 'file';
  if (name.length <= maxNameCharacters) return name;
  const extension = /\.[^.]{1,20}$/.exec(name)?.[0] ?? '';
  return name.slice(0, maxNameCharacters - extension.length) + extension;
}

/** Every extension of a name, so that `report.pdf.exe` and `report.exe.pdf` are both seen. Lower case. */
export const extensionsOf = (name: string): string[] => name.toLowerCase().split('.').slice(1);

/** Refuses what the policy blocks, by any of the name's extensions and by what the bytes say they are. */
export function refuseBlocked(
  name: string,
  sniffed: string | null,
  blocked: ReadonlySet<string>,
): Refusal | null {
  const extension = extensionsOf(name).find((one) => blocked.has(one));
  if (extension !== undefined)
    return { refused: 'attachment-blocked', detail: `Files named .${extension} are blocked by policy.` };
  // A policy that lets programs through by name lets them through by content, too.
  if (sniffed !== null && programTypes.has(sniffed) && blocked.has('exe'))
    return {
      refused: 'attachment-blocked',
      detail: `"${name}" is a program (${sniffed}); those are blocked by policy.`,
    };
  return null;
}

/** Types that a pane may show from a blob URL: pictures without scripts. Everything else is a download. */
const shownTypes: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
]);
/** Other types that are named as they are; whatever a browser could run as a page is only bytes. */
const namedTypes: ReadonlySet<string> = new Set([
  ...shownTypes,
  'application/pdf',
  'application/zip',
  'text/plain',
  'text/csv',
  'audio/mpeg',
  'audio/ogg',
  'video/mp4',
  'video/webm',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
]);

/** The type told to clients: what the bytes are, if that is a harmless type, else just bytes. */
export function mediaTypeOf(name: string, sniffed: string | null, isText: boolean): string {
  if (sniffed !== null) return namedTypes.has(sniffed) ? sniffed : 'application/octet-stream';
  if (!isText) return 'application/octet-stream';
  return extensionsOf(name).at(-1) === 'csv' ? 'text/csv' : 'text/plain';
}

/** `attachment; filename…` with the name in both forms that browsers know (RFC 6266, RFC 8187). */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
