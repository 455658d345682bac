/**
 * Which pictures may be somebody's photo: JPEG and PNG, of a size that a face needs, and without what a
 * camera writes beside the picture (place, time, serial number). Reads the outline of the file only; nothing
 * is decoded here. Called by services/photos.ts for what people and directories bring.
 */
import { limits } from '../protocol/vocabulary.ts';

export type PhotoType = 'image/jpeg' | 'image/png';
/** A picture that may be shown, or why not, as the end of a sentence. */
export type PhotoVerdict =
  | { readonly mediaType: PhotoType; readonly bytes: Uint8Array }
  | { readonly refused: 'unsupported-media-type' | 'photo-unreadable'; readonly detail: string };

/** Wider than this is no face but a way to fill the memory of whoever decodes it. */
const sideMost = 4_096;

const unreadable = (detail: string): PhotoVerdict => ({ refused: 'photo-unreadable', detail });
const tooWide = unreadable(`The picture is larger than ${sideMost} × ${sideMost} pixels.`);

/** Looks at the bytes, whatever they are called, and takes away everything that is not the picture. */
export function readPhoto(bytes: Uint8Array): PhotoVerdict {
  if (bytes.length > limits.photoBytes)
    return unreadable(`The picture has more than ${limits.photoBytes} bytes.`);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return readJpeg(bytes);
  if (pngSignature.every((byte, at) => bytes[at] === byte)) return readPng(bytes);
  return { refused: 'unsupported-media-type', detail: 'The bytes are neither a JPEG nor a PNG picture.' };
}

const shortAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const longAt = (bytes: Uint8Array, at: number): number =>
  shortAt(bytes, at) * 0x1_0000 + shortAt(bytes, at + 2);

/** Frame headers of JPEG (ITU T.81, B.1.1.3): C0–CF without the tables C4, C8 and CC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Kept of the application segments: JFIF, colour profile, and how Adobe stored the colours. */
const keptSegments: ReadonlySet<number> = new Set([0xe0, 0xe2, 0xee]);

function readJpeg(bytes: Uint8Array): PhotoVerdict {
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let hasFrame = false;
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1] ?? 0;
    const length = shortAt(bytes, at + 2);
    if (bytes[at] !== 0xff || length < 2 || at + 2 + length > bytes.length)
      return unreadable('The JPEG picture is damaged.');
    const segment = bytes.subarray(at, at + 2 + length);
    if (isFrame(marker)) {
      const [height, width] = [shortAt(bytes, at + 5), shortAt(bytes, at + 7)];
      if (height === 0 || width === 0) return unreadable('The JPEG picture has no size.');
      if (height > sideMost || width > sideMost) return tooWide;
      hasFrame = true;
    }
    if (marker === 0xda) {
      if (!hasFrame) return unreadable('The JPEG picture is damaged.');
      // What follows is the picture itself, to the end.
      kept.push(bytes.subarray(at));
      return { mediaType: 'image/jpeg', bytes: Buffer.concat(kept) };
    }
    const isApplication = (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
    if (!isApplication || keptSegments.has(marker)) kept.push(segment);
    at += 2 + length;
  }
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The chunks that draw (PNG, third edition, 5.6), and the three that say which colours are meant. */
const keptChunks: ReadonlySet<string> = new Set([
  'IHDR',
  'PLTE',
  'tRNS',
  'IDAT',
  'IEND',
  'gAMA',
  'sRGB',
  'iCCP',
]);

function readPng(bytes: Uint8Array): PhotoVerdict {
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  for (let at = 8; ; ) {
    const length = longAt(bytes, at);
    const end = at + 12 + length;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length || (at === 8 && type !== 'IHDR')) return unreadable('The PNG picture is damaged.');
    if (type === 'IHDR') {
      const [width, height] = [longAt(bytes, at + 8), longAt(bytes, at + 12)];
      if (width === 0 || height === 0) return unreadable('The PNG picture has no size.');
      if (width > sideMost || height > sideMost) return tooWide;
    }
    if (keptChunks.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') return { mediaType: 'image/png', bytes: Buffer.concat(kept) };
    at = end;
  }
}
