/**
 * Finds the numbers in the container of an image (lengths, offsets, counts, sizes) and its parts.
 */
import type { ImageFormat } from '../../../src/images/image-signature';
import { jpegSegments } from '../jpeg-damages';

/** A number of `size` bytes at the offset `at`. */
export interface Field {
  readonly at: number;
  readonly size: 1 | 2 | 4;
  readonly isLittle: boolean;
}

/** One of several similar parts of a container, which can be removed, repeated or moved. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface Structure {
  readonly fields: readonly Field[];
  readonly parts: readonly Part[];
}

type Size = Field['size'];
const bigEndian = (at: number, size: Size): Field => ({ at, size, isLittle: false });
const littleEndian = (at: number, size: Size): Field => ({ at, size, isLittle: true });
const fieldRange = (from: number, to: number, size: Size, isLittle: boolean): readonly Field[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / size)) }, (_, n) => ({
    at: from + n * size,
    size,
    isLittle,
  }));

function readJpeg(bytes: Buffer): Structure {
  const parts = jpegSegments(bytes).map(({ at, data, end }) => ({ from: at, head: data, to: end }));
  const fields = parts.flatMap(({ from, head }) => [
    bigEndian(from + 2, 2),
    ...fieldRange(from + 4, Math.min(head, from + 40), 1, false),
  ]);
  return { fields, parts };
}

function readPng(bytes: Buffer): Structure {
  const parts: Part[] = [];
  for (let at = 8; at + 12 <= bytes.length; at = parts.at(-1)?.to ?? bytes.length) {
    parts.push({ from: at, to: at + 12 + bytes.readUInt32BE(at) });
  }
  const header = [bigEndian(16, 4), bigEndian(20, 4), ...fieldRange(24, 29, 1, false)];
  return { parts, fields: [...header, ...parts.map(({ from }) => bigEndian(from, 4))] };
}

/** @see GIF89a, sections 18 to 20: the screen, then blocks of sub-blocks. */
function readGif(bytes: Buffer): Structure {
  const fields = [littleEndian(6, 2), littleEndian(8, 2), ...fieldRange(10, 13, 1, true)];
  const parts: Part[] = [];
  for (let at = 13 + tableLength(bytes[10]); at < bytes.length && bytes[at] !== 0x3b;) {
    const from = at;
    const isFrame = bytes[at] === 0x2c;
    if (isFrame) fields.push(...fieldRange(at + 1, at + 9, 2, true), littleEndian(at + 9, 1));
    at += isFrame ? 10 + tableLength(bytes[at + 9]) : 2;
    // The data of a frame begin with the length of its codes.
    if (isFrame) fields.push(littleEndian(at++, 1));
    while ((bytes[at] ?? 0) !== 0) {
      fields.push(littleEndian(at, 1));
      at += 1 + (bytes[at] ?? 0);
    }
    at += 1;
    parts.push({ from, to: at });
  }
  return { fields, parts };
}

const tableLength = (packed = 0): number => ((packed & 0x80) === 0 ? 0 : 3 << ((packed & 7) + 1));

/**
 * @see the WebP container specification: RIFF chunks; a frame of an animation contains chunks
 * itself.
 */
function readWebp(bytes: Buffer): Structure {
  const fields = [littleEndian(4, 4)];
  const parts: Part[] = [];
  const chunks = (from: number, end: number): void => {
    for (let at = from; at + 8 <= end; at = parts.at(-1)?.to ?? end) {
      const length = bytes.readUInt32LE(at + 4);
      fields.push(
        littleEndian(at + 4, 4),
        ...fieldRange(at + 8, at + 8 + Math.min(length, 24), 1, true),
      );
      const to = at + 8 + length + (length & 1);
      if (bytes.toString('latin1', at, at + 4) === 'ANMF') chunks(at + 24, to);
      parts.push({ from: at, to });
    }
  };
  chunks(12, bytes.length);
  return { fields, parts };
}

/**
 * @see TIFF 6.0, section 2: a directory has entries of twelve bytes: tag, type, count, value or
 * offset.
 */
function readTiff(bytes: Buffer): Structure {
  const isLittle = bytes[0] === 0x49;
  const directory = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  const count = isLittle ? bytes.readUInt16LE(directory) : bytes.readUInt16BE(directory);
  const parts = Array.from({ length: count }, (_, n) => directory + 2 + 12 * n);
  const entry = (at: number): readonly Field[] => [
    ...fieldRange(at, at + 4, 2, isLittle),
    ...fieldRange(at + 4, at + 12, 4, isLittle),
  ];
  const ends = [
    { at: 4, size: 4 as const, isLittle },
    ...fieldRange(directory, directory + 2, 2, isLittle),
  ];
  return {
    fields: [...ends, ...parts.flatMap(entry)],
    parts: parts.map((from) => ({ from, to: from + 12 })),
  };
}

const BOXES_OF_BOXES = ['meta', 'iprp', 'ipco'];

/**
 * @see ISO/IEC 14496-12: boxes begin with their length and may contain boxes; small boxes contain
 * numbers.
 */
function readAvif(bytes: Buffer): Structure {
  const fields: Field[] = [];
  const parts: Part[] = [];
  const boxes = (from: number, end: number): void => {
    for (let at = from; at + 8 <= end;) {
      const type = bytes.toString('latin1', at + 4, at + 8);
      const to = Math.min(end, at + Math.max(8, bytes.readUInt32BE(at)));
      fields.push(bigEndian(at, 4));
      parts.push({ from: at, to });
      if (BOXES_OF_BOXES.includes(type)) boxes(at + (type === 'meta' ? 12 : 8), to);
      else if (type !== 'mdat') fields.push(...fieldRange(at + 8, to, 1, false));
      at = to;
    }
  };
  boxes(0, bytes.length);
  return { fields, parts };
}

const READERS: Readonly<Record<ImageFormat, (bytes: Buffer) => Structure>> = {
  jpeg: readJpeg,
  png: readPng,
  gif: readGif,
  webp: readWebp,
  tiff: readTiff,
  avif: readAvif,
};

/** The structure of a whole image. */
export function structureOf(format: ImageFormat, bytes: Buffer): Structure {
  const { fields, parts } = READERS[format](bytes);
  return { parts, fields: fields.filter(({ at, size }) => at + size <= bytes.length) };
}
