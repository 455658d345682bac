import { expect, test } from 'vitest';
import { drawFace } from '../../server/adapters/directory/demo-faces.ts';
import { readPhoto } from '../../server/domain/photos.ts';

test('[CF9] a drawn face is the same for the same person, another for another, and a small PNG', () => {
  const face = drawFace('one');
  expect(drawFace('one').equals(face)).toBe(true);
  expect(drawFace('other').equals(face)).toBe(false);
  expect(face.length).toBeLessThan(8_000);
  const read = readPhoto(face);
  expect(read).toMatchObject({ mediaType: 'image/png' });
  expect('bytes' in read && Buffer.from(read.bytes).equals(face)).toBe(true);
});
