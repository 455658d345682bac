/**
 * Faces for the demo organisation: portraits of people who do not exist, drawn here from a few shapes, so that they
 * belong to nobody and weigh nothing. The same person looks the same everywhere. Pure; `demo.ts` gives them away.
 */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number];
/** Whether a point is inside; the portrait is 100 wide and high. */
type Shape = (x: number, y: number) => boolean;
type Layer = readonly [Shape, Colour];

const side = 128;
/** Points looked at per pixel and direction, so that edges are soft. */
const finer = 3;

const hex = (text: string): Colour => {
  const value = Number.parseInt(text, 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
};
const walls = ['d6e4f0', 'e8dcca', 'd8e8d4', 'ead9e0', 'dcd9ee', 'f0e2c4', 'cfe5e4'].map(hex);
const skins = ['f6d3b8', 'e9b996', 'd39a6f', 'a86f48', '7b4a2e', 'f2c6a5'].map(hex);
const hairs = ['2c2320', '4a3024', '7c4a2a', 'b5793c', 'd9b46a', '8f8a86', '9a3f22'].map(hex);
const shirts = ['2f5d8a', '7a3e5d', '3d6b4f', 'b4593c', '4b4a6b', '8a6d2f', '33707a'].map(hex);
const ink = hex('33261f');
const lip = hex('a8473f');

const ellipse =
  (cx: number, cy: number, rx: number, ry: number): Shape =>
  (x, y) =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
const both =
  (one: Shape, other: Shape): Shape =>
  (x, y) =>
    one(x, y) && other(x, y);
const either =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    shapes.some((shape) => shape(x, y));
const without =
  (one: Shape, other: Shape): Shape =>
  (x, y) =>
    one(x, y) && !other(x, y);
const above =
  (line: number): Shape =>
  (_, y) =>
    y <= line;
const below =
  (line: number): Shape =>
  (_, y) =>
    y >= line;

const head = ellipse(50, 47, 18, 22);
/** What is not hair: the face below the fringe. */
const brow = ellipse(50, 53, 17, 21);

/** Behind the head, and on it. */
const cuts: readonly (readonly [back: Shape | null, front: Shape])[] = [
  // Short, with a straight fringe.
  [null, without(both(ellipse(50, 44, 20, 23), above(50)), brow)],
  // To the shoulders.
  [ellipse(50, 54, 25, 32), without(both(ellipse(50, 42, 21, 22), above(48)), ellipse(54, 56, 18, 22))],
  // A bun.
  [ellipse(50, 21, 9, 9), without(both(ellipse(50, 44, 20, 22), above(48)), ellipse(50, 54, 18, 22))],
  // Curls.
  [
    either(
      ...[
        [30, 40],
        [31, 52],
        [34, 29],
        [43, 22],
        [54, 21],
        [64, 27],
        [69, 38],
        [70, 50],
      ].map(([x = 0, y = 0]) => ellipse(x, y, 9, 9)),
    ),
    without(both(ellipse(50, 42, 20, 20), above(46)), ellipse(50, 54, 18, 21)),
  ],
  // Parted at the side.
  [null, without(both(ellipse(50, 43, 20, 23), above(46)), ellipse(58, 56, 21, 24))],
];

/** Places in the lists above. */
export interface Looks {
  readonly wall: number;
  readonly skin: number;
  readonly hair: number;
  readonly shirt: number;
  readonly cut: number;
  readonly hasGlasses: boolean;
  readonly hasBeard: boolean;
}

/** How somebody looks, by what identifies them. */
function looksOf(seed: string): Looks {
  const bytes = createHash('sha256').update(`face ${seed}`).digest();
  const at = (place: number, many: number) => (bytes[place] as number) % many;
  return {
    wall: at(0, walls.length),
    skin: at(1, skins.length),
    hair: at(2, hairs.length),
    shirt: at(3, shirts.length),
    cut: at(4, cuts.length),
    hasGlasses: at(5, 4) === 0,
    // No digest tells whom a beard suits.
    hasBeard: false,
  };
}

function layersOf({ skin, hair, shirt, cut, hasGlasses, hasBeard }: Looks): Layer[] {
  const pick = (colours: readonly Colour[], at: number) => colours[at % colours.length] as Colour;
  const [skinColour, hairColour, shirtColour] = [pick(skins, skin), pick(hairs, hair), pick(shirts, shirt)];
  const shade = skinColour.map((value) => Math.round(value * 0.86)) as unknown as Colour;
  const [back, front] = cuts[cut % cuts.length] as (typeof cuts)[number];
  const ring = (x: number) => without(ellipse(x, 48, 6.2, 5.6), ellipse(x, 48, 5, 4.4));
  return [
    ...(back === null ? [] : [[back, hairColour] as const]),
    [ellipse(50, 108, 40, 34), shirtColour],
    [both(ellipse(50, 74, 8, 14), above(84)), shade],
    [either(ellipse(32, 50, 3.4, 5), ellipse(68, 50, 3.4, 5)), shade],
    [head, skinColour],
    ...(hasBeard
      ? [
          [
            without(both(ellipse(50, 50, 18.4, 20.6), below(52)), ellipse(50, 50, 13, 11)),
            hairColour,
          ] as const,
        ]
      : []),
    [either(ellipse(42, 48, 1.9, 2.3), ellipse(58, 48, 1.9, 2.3)), ink],
    [both(without(ellipse(50, 57, 7, 5.2), ellipse(50, 55.4, 7.6, 5.2)), below(57)), lip],
    [front, hairColour],
    ...(hasGlasses
      ? [[either(ring(42), ring(58), both(ellipse(50, 47.4, 2.4, 0.7), above(60))), ink] as const]
      : []),
  ];
}

/** The raw rows of a truecolour PNG, each behind its filter byte. */
function paint(looks: Looks): Buffer {
  const layers = layersOf(looks).reverse();
  const wall = walls[looks.wall % walls.length] as Colour;
  /** What is seen at a point, counted in pixels. */
  const seen = (x: number, y: number): Colour => {
    const [across, down] = [(x * 100) / side, (y * 100) / side];
    for (const [inside, colour] of layers) if (inside(across, down)) return colour;
    return wall;
  };
  const mixed = (column: number, row: number): number[] => {
    const points = Array.from({ length: finer * finer }, (_, point) =>
      seen(column + ((point % finer) + 0.5) / finer, row + (Math.floor(point / finer) + 0.5) / finer),
    );
    return [0, 1, 2].map((channel) =>
      Math.round(points.reduce((sum, colour) => sum + (colour[channel] as number), 0) / points.length),
    );
  };
  const rows: number[] = [];
  let upper = Array.from({ length: side + 1 }, (_, column) => seen(column, 0));
  for (let row = 0; row < side; row += 1) {
    const lower = Array.from({ length: side + 1 }, (_, column) => seen(column, row + 1));
    rows.push(0);
    for (let column = 0; column < side; column += 1) {
      const corner = upper[column] as Colour;
      // Most pixels lie in one colour: where their corners agree, nobody looks closer.
      const isPlain =
        upper[column + 1] === corner && lower[column] === corner && lower[column + 1] === corner;
      rows.push(...(isPlain ? corner : mixed(column, row)));
    }
    upper = lower;
  }
  return Buffer.from(rows);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A portrait as PNG, the same for the same seed unless it says how they look. Takes some milliseconds. */
export function drawFace(seed: string, looks: Looks = looksOf(seed)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // Eight bits a channel, truecolour.
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(paint(looks), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
