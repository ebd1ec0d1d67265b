/** Where an image's containers keep their numbers: lengths, offsets, counts, sizes. */
import type { ImageFormat } from '../../../src/images/image-signature';
import { jpegSegments } from '../jpeg-damages';

/** A number of `size` bytes at `at`. */
export interface Field {
  readonly at: number;
  readonly size: 1 | 2 | 4;
  readonly isLittle: boolean;
}

/** A part that a container has several of: may go, come twice, or change places. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface Structure {
  readonly fields: readonly Field[];
  readonly parts: readonly Part[];
}

type Size = Field['size'];
const big = (at: number, size: Size): Field => ({ at, size, isLittle: false });
const little = (at: number, size: Size): Field => ({ at, size, isLittle: true });
const every = (from: number, to: number, size: Size, isLittle: boolean): readonly Field[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / size)) }, (_, n) => ({
    ...{ at: from + n * size, size, isLittle },
  }));

function jpeg(bytes: Buffer): Structure {
  const parts = jpegSegments(bytes).map(({ at, data, end }) => ({ from: at, head: data, to: end }));
  const fields = parts.flatMap(({ from, head }) => [
    big(from + 2, 2),
    ...every(from + 4, Math.min(head, from + 40), 1, false),
  ]);
  return { fields, parts };
}

function png(bytes: Buffer): Structure {
  const parts: Part[] = [];
  for (let at = 8; at + 12 <= bytes.length; at = parts.at(-1)?.to ?? bytes.length) {
    parts.push({ from: at, to: at + 12 + bytes.readUInt32BE(at) });
  }
  const header = [big(16, 4), big(20, 4), ...every(24, 29, 1, false)];
  return { parts, fields: [...header, ...parts.map(({ from }) => big(from, 4))] };
}

/** **Source** GIF89a 18–20: the screen, then blocks of sub-blocks. */
function gif(bytes: Buffer): Structure {
  const fields = [little(6, 2), little(8, 2), ...every(10, 13, 1, true)];
  const parts: Part[] = [];
  for (let at = 13 + tableLength(bytes[10]); at < bytes.length && bytes[at] !== 0x3b;) {
    const from = at;
    const isFrame = bytes[at] === 0x2c;
    if (isFrame) fields.push(...every(at + 1, at + 9, 2, true), little(at + 9, 1));
    at += isFrame ? 10 + tableLength(bytes[at + 9]) : 2;
    // The first number of a frame's data is how long its codes are.
    if (isFrame) fields.push(little(at++, 1));
    while ((bytes[at] ?? 0) !== 0) {
      fields.push(little(at, 1));
      at += 1 + (bytes[at] ?? 0);
    }
    at += 1;
    parts.push({ from, to: at });
  }
  return { fields, parts };
}

const tableLength = (packed = 0): number => ((packed & 0x80) === 0 ? 0 : 3 << ((packed & 7) + 1));

/** **Source** the WebP container: RIFF chunks, of which a frame of an animation has some of its own. */
function webp(bytes: Buffer): Structure {
  const fields = [little(4, 4)];
  const parts: Part[] = [];
  const chunks = (from: number, end: number): void => {
    for (let at = from; at + 8 <= end; at = parts.at(-1)?.to ?? end) {
      const length = bytes.readUInt32LE(at + 4);
      fields.push(little(at + 4, 4), ...every(at + 8, at + 8 + Math.min(length, 24), 1, true));
      const to = at + 8 + length + (length & 1);
      if (bytes.toString('latin1', at, at + 4) === 'ANMF') chunks(at + 24, to);
      parts.push({ from: at, to });
    }
  };
  chunks(12, bytes.length);
  return { fields, parts };
}

/** **Source** TIFF 6.0, 2: a directory of entries of twelve bytes: tag, type, count, value or offset. */
function tiff(bytes: Buffer): Structure {
  const isLittle = bytes[0] === 0x49;
  const directory = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  const count = isLittle ? bytes.readUInt16LE(directory) : bytes.readUInt16BE(directory);
  const parts = Array.from({ length: count }, (_, n) => directory + 2 + 12 * n);
  const entry = (at: number): readonly Field[] => [
    ...every(at, at + 4, 2, isLittle),
    ...every(at + 4, at + 12, 4, isLittle),
  ];
  const ends = [
    { at: 4, size: 4 as const, isLittle },
    ...every(directory, directory + 2, 2, isLittle),
  ];
  return {
    fields: [...ends, ...parts.flatMap(entry)],
    parts: parts.map((from) => ({ from, to: from + 12 })),
  };
}

const BOXES_OF_BOXES = ['meta', 'iprp', 'ipco'];

/** **Source** ISO/IEC 14496-12: boxes in boxes, their lengths first; what is in the small ones is numbers. */
function avif(bytes: Buffer): Structure {
  const fields: Field[] = [];
  const parts: Part[] = [];
  const boxes = (from: number, end: number): void => {
    for (let at = from; at + 8 <= end;) {
      const type = bytes.toString('latin1', at + 4, at + 8);
      const to = Math.min(end, at + Math.max(8, bytes.readUInt32BE(at)));
      fields.push(big(at, 4));
      parts.push({ from: at, to });
      if (BOXES_OF_BOXES.includes(type)) boxes(at + (type === 'meta' ? 12 : 8), to);
      else if (type !== 'mdat') fields.push(...every(at + 8, to, 1, false));
      at = to;
    }
  };
  boxes(0, bytes.length);
  return { fields, parts };
}

const READERS: Readonly<Record<ImageFormat, (bytes: Buffer) => Structure>> = {
  ...{ jpeg, png, gif, webp, tiff, avif },
};

/** Of a whole image. */
export function structureOf(format: ImageFormat, bytes: Buffer): Structure {
  const { fields, parts } = READERS[format](bytes);
  return { parts, fields: fields.filter(({ at, size }) => at + size <= bytes.length) };
}
