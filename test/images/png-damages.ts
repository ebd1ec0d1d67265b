/**
 * Named damages of a PNG. Checksums are recomputed unless they are the damage. A damage returns
 * null if it does not apply to an image.
 */
import zlib, { crc32 } from 'node:zlib';
import type { Damage } from './jpeg-damages';
import { flipBit, pick } from './random';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const SIGNATURE = 8;

/** The chunks of a whole PNG. */
export function pngChunks(bytes: Buffer): readonly Chunk[] {
  const all: Chunk[] = [];
  for (let at = SIGNATURE; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    all.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return all;
}

function joinChunks(bytes: Buffer, chunks: readonly Chunk[]): Buffer {
  const pieces = chunks.map(({ type, data }) => {
    const whole = Buffer.alloc(12 + data.length);
    whole.writeUInt32BE(data.length);
    whole.write(type, 4, 'latin1');
    data.copy(whole, 8);
    whole.writeUInt32BE(crc32(whole.subarray(4, -4)), 8 + data.length);
    return whole;
  });
  return Buffer.concat([bytes.subarray(0, SIGNATURE), ...pieces]);
}

/** Replaces all IDAT chunks by one with changed rows. */
function withRows(bytes: Buffer, change: (rows: Buffer) => Buffer): Buffer {
  const chunks = pngChunks(bytes);
  const data = chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data);
  const rows = change(zlib.inflateSync(Buffer.concat(data)));
  return withData(bytes, zlib.deflateSync(rows));
}

function withData(bytes: Buffer, data: Buffer): Buffer {
  const chunks = pngChunks(bytes);
  const first = chunks.findIndex(({ type }) => type === 'IDAT');
  const others = chunks.filter(({ type }) => type !== 'IDAT');
  return joinChunks(bytes, others.toSpliced(first, 0, { type: 'IDAT', data }));
}

function imageDataOf(bytes: Buffer): Buffer {
  return Buffer.concat(
    pngChunks(bytes)
      .filter(({ type }) => type === 'IDAT')
      .map(({ data }) => data),
  );
}

function withHeader(bytes: Buffer, change: (header: Buffer) => void): Buffer {
  const [first, ...rest] = pngChunks(bytes);
  if (first === undefined) throw new Error('no header');
  const data = Buffer.from(first.data);
  change(data);
  return joinChunks(bytes, [{ type: first.type, data }, ...rest]);
}

const rowLength = (bytes: Buffer): number => {
  const samples = [1, 0, 3, 1, 2, 0, 4][bytes[25] ?? 0] ?? 1;
  return 1 + Math.ceil((bytes.readUInt32BE(16) * samples * (bytes[24] ?? 8)) / 8);
};

export const PNG_DAMAGES: Readonly<Record<string, Damage>> = {
  'cut anywhere': (bytes, random) => bytes.subarray(0, 8 + random(bytes.length - 8)),
  'no IEND': (bytes) => bytes.subarray(0, -12),
  'a flipped bit': (bytes, random) => flipBit(bytes, random, 8, bytes.length),
  'a hole of zeros': (bytes, random) => {
    const from = 8 + random(bytes.length - 8);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + 1 + random(300)));
  },
  'a chunk is missing': (bytes, random) => {
    const chunks = pngChunks(bytes);
    return joinChunks(bytes, chunks.toSpliced(random(chunks.length), 1));
  },
  'two chunks changed places': (bytes, random) => {
    const chunks = [...pngChunks(bytes)];
    const n = random(chunks.length - 1);
    return joinChunks(bytes, chunks.toSpliced(n, 2, ...chunks.slice(n, n + 2).reverse()));
  },
  'a chunk comes twice': (bytes, random) => {
    const chunks = pngChunks(bytes);
    const one = pick(random, chunks);
    return joinChunks(bytes, chunks.toSpliced(random(chunks.length), 0, one));
  },
  'data cut, its checksum right': (bytes, random) => {
    const data = imageDataOf(bytes);
    return withData(bytes, data.subarray(0, random(data.length)));
  },
  'bits of the data, its checksum right': (bytes, random) => {
    const data = imageDataOf(bytes);
    return withData(bytes, flipBit(data, random, 0, data.length));
  },
  'a wrong Adler-32': (bytes, random) => {
    const data = imageDataOf(bytes);
    return withData(bytes, flipBit(data, random, data.length - 4, data.length));
  },
  'rows cut': (bytes, random) => withRows(bytes, (rows) => rows.subarray(0, random(rows.length))),
  'rows too many': (bytes, random) =>
    withRows(bytes, (rows) => Buffer.concat([rows, Buffer.alloc(1 + random(100))])),
  'a filter that does not exist': (bytes, random) =>
    withRows(bytes, (rows) => {
      const copy = Buffer.from(rows);
      const row = rowLength(bytes);
      copy[random(Math.max(1, Math.floor(rows.length / row))) * row] = 5 + random(251);
      return copy;
    }),
  'interlaced, or not': (bytes) =>
    withHeader(bytes, (header) => {
      header[12] = 1 - (header[12] ?? 0);
    }),
  'another size': (bytes, random) =>
    withHeader(bytes, (header) => {
      const at = 4 * random(2);
      header.writeUInt32BE(Math.max(1, header.readUInt32BE(at) + random(9) - 4), at);
    }),
  'another depth or colour type': (bytes, random) =>
    withHeader(bytes, (header) => {
      header[8 + random(2)] = pick(random, [0, 1, 2, 3, 4, 6, 8, 16]);
    }),
  'a bit of the header': (bytes, random) =>
    withHeader(bytes, (header) => {
      flipBit(header, random, 0, 13).copy(header);
    }),
  'a small window': (bytes, random) => {
    const data = Buffer.from(imageDataOf(bytes));
    const method = (random(7) << 4) | 8;
    data[0] = method;
    data[1] = 31 - ((method << 8) % 31);
    return withData(bytes, data);
  },
  'a chunk nobody knows': (bytes, random) => {
    const chunks = pngChunks(bytes);
    const type = pick(random, ['ABCD', 'tRNS', 'gAMA', 'PLTE', 'bKGD', 'acTL', 'iCCP', 'sBIT']);
    const data = Buffer.from(Array.from({ length: random(20) }, () => random(256)));
    return joinChunks(bytes, chunks.toSpliced(1 + random(chunks.length), 0, { type, data }));
  },
  'a bit of any chunk, its checksum right': (bytes, random) => {
    const chunks = [...pngChunks(bytes)];
    const n = random(chunks.length);
    const one = chunks[n];
    if (one === undefined || one.data.length === 0) return null;
    const data = flipBit(one.data, random, 0, one.data.length);
    return joinChunks(bytes, chunks.toSpliced(n, 1, { ...one, data }));
  },
};
