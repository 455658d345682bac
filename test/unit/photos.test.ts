/** Which pictures may be photos, and what of them is kept. */
import { describe, expect, test } from 'vitest';
import { readPhoto } from '../../server/domain/photos.ts';
import { limits } from '../../server/protocol/vocabulary.ts';

const bytes = (...parts: (number | string | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part].flat()),
    ),
  );
const short = (value: number) => [value >> 8, value & 255];
const long = (value: number) => [...short(value >>> 16), ...short(value & 0xffff)];

const segment = (marker: number, body: Buffer) => bytes(0xff, marker, short(body.length + 2), [...body]);
const frame = (width: number, height: number) =>
  segment(0xc0, bytes(8, short(height), short(width), 1, [1, 0x11, 0]));
const scan = bytes([...segment(0xda, bytes(1, 1, 0, 0, 63, 0))], 'drawn', 0xff, 0xd9);
const jpeg = (...segments: Buffer[]) => bytes(0xff, 0xd8, ...segments.map((one) => [...one]));

const chunk = (type: string, body: Buffer) => bytes(long(body.length), type, [...body], [0, 0, 0, 0]);
const head = (width: number, height: number) =>
  chunk('IHDR', bytes(long(width), long(height), [8, 2, 0, 0, 0]));
const png = (...chunks: Buffer[]) =>
  bytes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], ...chunks.map((one) => [...one]));

const kept = (given: Buffer) => {
  const read = readPhoto(given);
  return 'refused' in read ? read.refused : Buffer.from(read.bytes);
};

describe('a photo', () => {
  test('[CO9] a JPEG keeps its picture and colours, and loses where, when and with what it was taken', () => {
    const colours = segment(0xe2, bytes('ICC_PROFILE'));
    const read = kept(
      jpeg(
        segment(0xe0, bytes('JFIF')),
        segment(0xe1, bytes('Exif GPS canary')),
        segment(0xed, bytes('canary')),
        segment(0xfe, bytes('canary')),
        colours,
        frame(200, 100),
        scan,
      ),
    );
    expect(read).toEqual(jpeg(segment(0xe0, bytes('JFIF')), colours, frame(200, 100), scan));
    expect(String(read)).not.toContain('canary');
    expect(readPhoto(jpeg(frame(2, 2), scan))).toMatchObject({ mediaType: 'image/jpeg' });
  });

  test('[CO9] a PNG keeps what draws, loses every text, and ends where it ends', () => {
    const data = chunk('IDAT', bytes('drawn'));
    const end = chunk('IEND', bytes());
    const read = kept(
      bytes(
        [...png(head(20, 20), chunk('tEXt', bytes('canary')), chunk('eXIf', bytes('canary')), data, end)],
        'canary behind the end',
      ),
    );
    expect(read).toEqual(png(head(20, 20), data, end));
    expect(readPhoto(png(head(20, 20), data, end))).toMatchObject({ mediaType: 'image/png' });
  });

  test.each([
    ['nothing', bytes(), 'unsupported-media-type'],
    ['a page', bytes('<!doctype html><script>'), 'unsupported-media-type'],
    ['a drawing with scripts', bytes('<svg xmlns="http://www.w3.org/2000/svg">'), 'unsupported-media-type'],
    ['a GIF', bytes('GIF89a'), 'unsupported-media-type'],
    ['a JPEG that is cut off', jpeg(frame(20, 20)), 'photo-unreadable'],
    ['a JPEG whose segment lies', bytes(0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1), 'photo-unreadable'],
    ['a JPEG without a frame', jpeg(scan), 'photo-unreadable'],
    ['a JPEG as wide as a house', jpeg(frame(4_097, 20), scan), 'photo-unreadable'],
    ['a PNG without a head', png(chunk('IDAT', bytes('x'))), 'photo-unreadable'],
    ['a PNG that is a bomb', png(head(60_000, 60_000), chunk('IEND', bytes())), 'photo-unreadable'],
    ['a PNG that never ends', png(head(20, 20)), 'photo-unreadable'],
    ['too many bytes', Buffer.alloc(limits.photoBytes + 1), 'photo-unreadable'],
  ])('[CO9] %s is refused', (_what, given, code) => {
    expect(kept(given)).toBe(code);
  });

  test('[CO9] reading it ends, wherever it is cut or damaged', () => {
    const whole = [
      jpeg(segment(0xe0, bytes('JFIF')), frame(20, 20), scan),
      png(head(20, 20), chunk('IDAT', bytes('drawn')), chunk('IEND', bytes())),
    ];
    for (const picture of whole)
      for (let at = 0; at < picture.length; at += 1)
        for (const value of [0, 1, 0x7f, 0xff]) {
          const damaged = Buffer.from(picture);
          damaged[at] = value;
          expect(() => readPhoto(damaged)).not.toThrow();
          expect(() => readPhoto(damaged.subarray(0, at))).not.toThrow();
        }
  });
});
