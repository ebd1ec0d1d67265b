/** Named damages of a JPEG. A damage returns null if it does not apply to an image. */
import { flipBit, pick, type Random } from './random';

export type Damage = (bytes: Buffer, random: Random) => Buffer | null;

const EOI = Buffer.from([0xff, 0xd9]);

/** A marker segment. That of a scan header includes the entropy-coded data. */
interface Segment {
  readonly marker: number;
  /** The offset of the marker. */
  readonly at: number;
  /** The offset after the contents, where the entropy-coded data of a scan begin. */
  readonly data: number;
  /** The offset after the segment and its entropy-coded data. */
  readonly end: number;
}

/**
 * The segments of a whole JPEG.
 *
 * @throws RangeError if the JPEG has no end.
 */
export function jpegSegments(bytes: Buffer): readonly Segment[] {
  const all: Segment[] = [];
  let at = 2;
  while (bytes[at + 1] !== 0xd9) {
    const marker = bytes.readUInt8(at + 1);
    const data = at + 2 + bytes.readUInt16BE(at + 2);
    let end = data;
    if (marker === 0xda) {
      while (bytes.readUInt8(end) !== 0xff || isScanDataByte(bytes.readUInt8(end + 1))) end += 1;
    }
    all.push({ marker, at, data, end });
    at = end;
  }
  return all;
}

function isScanDataByte(second: number): boolean {
  return second === 0 || (second >= 0xd0 && second <= 0xd7);
}

function removeBytes(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

const segmentsWithMarker = (bytes: Buffer, marker: number): readonly Segment[] =>
  jpegSegments(bytes).filter((segment) => segment.marker === marker);

const removeSegment =
  (marker: number): Damage =>
  (bytes, random) => {
    const all = segmentsWithMarker(bytes, marker);
    if (all.length === 0) return null;
    const { at, data } = pick(random, all);
    return removeBytes(bytes, at, data);
  };

const flipBitInSegment =
  (...markers: readonly number[]): Damage =>
  (bytes, random) => {
    const all = jpegSegments(bytes).filter(({ marker }) => markers.includes(marker));
    if (all.length === 0) return null;
    const { at, data } = pick(random, all);
    return flipBit(bytes, random, at + 2, data);
  };

const pickScan = (bytes: Buffer, random: Random): Segment =>
  pick(random, segmentsWithMarker(bytes, 0xda));

const pickOffsetInScan = (bytes: Buffer, random: Random): number => {
  const { data, end } = pickScan(bytes, random);
  return data + random(Math.max(1, end - data));
};

/** The offsets of the restart markers. */
function restartOffsets(bytes: Buffer): readonly number[] {
  return segmentsWithMarker(bytes, 0xda).flatMap(({ data, end }) =>
    Array.from({ length: end - data }, (_, n) => data + n).filter(
      (at) => bytes[at] === 0xff && (bytes[at + 1] ?? 0) >= 0xd0,
    ),
  );
}

export const JPEG_DAMAGES: Readonly<Record<string, Damage>> = {
  'cut anywhere': (bytes, random) => bytes.subarray(0, 4 + random(bytes.length - 4)),
  'cut in a scan, with an EOI': (bytes, random) =>
    Buffer.concat([bytes.subarray(0, pickOffsetInScan(bytes, random)), EOI]),
  'cut behind a segment, with an EOI': (bytes, random) => {
    const { at } = pick(random, jpegSegments(bytes));
    return Buffer.concat([bytes.subarray(0, at), EOI]);
  },
  'cut behind a scan, with an EOI': (bytes, random) => {
    const scans = segmentsWithMarker(bytes, 0xda);
    if (scans.length < 2) return null;
    return Buffer.concat([bytes.subarray(0, pick(random, scans.slice(0, -1)).end), EOI]);
  },
  'a Huffman table is missing': removeSegment(0xc4),
  'a quantisation table is missing': removeSegment(0xdb),
  'the frame header is missing': (bytes) => {
    const [frame] = jpegSegments(bytes).filter(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
    return frame === undefined ? null : removeBytes(bytes, frame.at, frame.end);
  },
  'a hole of zeros': (bytes, random) => {
    const from = 2 + random(bytes.length - 2);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length - 2, from + 1 + random(300)));
  },
  'two segments changed places': (bytes, random) => {
    const all = jpegSegments(bytes);
    const n = random(all.length - 1);
    const [a, b] = [all[n], all[n + 1]];
    if (a === undefined || b === undefined) return null;
    const [first, second] = [bytes.subarray(a.at, a.end), bytes.subarray(b.at, b.end)];
    return Buffer.concat([bytes.subarray(0, a.at), second, first, bytes.subarray(b.end)]);
  },
  'a scan is missing': (bytes, random) => {
    const { at, end } = pickScan(bytes, random);
    return removeBytes(bytes, at, end);
  },
  'a scan comes twice': (bytes, random) => {
    const { at, end } = pickScan(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  'restarts in a wrong order': (bytes, random) => {
    const all = restartOffsets(bytes);
    if (all.length === 0) return null;
    const copy = Buffer.from(bytes);
    const at = pick(random, all) + 1;
    copy[at] = 0xd0 + (((copy[at] ?? 0) + 1 + random(7)) & 7);
    return copy;
  },
  'a restart marker is missing': (bytes, random) => {
    const all = restartOffsets(bytes);
    if (all.length === 0) return null;
    const at = pick(random, all);
    return removeBytes(bytes, at, at + 2);
  },
  'an interval is missing': (bytes, random) => {
    const all = restartOffsets(bytes);
    const n = random(Math.max(1, all.length - 1));
    const [from, to] = [all[n], all[n + 1]];
    return from === undefined || to === undefined ? null : removeBytes(bytes, from, to);
  },
  'a restart interval nobody keeps': (bytes) => {
    const [scan] = segmentsWithMarker(bytes, 0xda);
    const dri = Buffer.from([0xff, 0xdd, 0, 4, 0, 2]);
    if (scan === undefined) return null;
    return Buffer.concat([bytes.subarray(0, scan.at), dri, bytes.subarray(scan.at)]);
  },
  'a bit of a Huffman table': flipBitInSegment(0xc4),
  'a bit of a quantisation table': flipBitInSegment(0xdb),
  'a bit of the frame header': flipBitInSegment(0xc0, 0xc1, 0xc2),
  'a bit of a scan header': (bytes, random) => {
    const { at, data } = pickScan(bytes, random);
    return flipBit(bytes, random, at + 2, data);
  },
  'bits of a scan': (bytes, random) => {
    let copy = bytes;
    for (let n = random(4); n >= 0; n -= 1) {
      const at = pickOffsetInScan(bytes, random);
      copy = flipBit(copy, random, at, at + 1);
    }
    return copy;
  },
  'bytes of a scan are lost': (bytes, random) => {
    const at = pickOffsetInScan(bytes, random);
    return removeBytes(bytes, at, at + 1 + random(20));
  },
  'bytes too many in a scan': (bytes, random) => {
    const at = pickOffsetInScan(bytes, random);
    const more = Buffer.from(Array.from({ length: 1 + random(20) }, () => random(255)));
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  },
  'bytes between segments': (bytes, random) => {
    const { at } = pick(random, jpegSegments(bytes));
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(255)]), bytes.subarray(at)]);
  },
};
