/** Baseline JPEGs of random symbols, with restart markers: sharp writes none. */
import type { Random } from './random';

/** Codes of one length, so that their bits are plain to see: DC symbol n is n in 4 bits, AC symbols are in 8. */
const AC_SYMBOLS = [0x00, 0xf0, ...range(1, 10), ...range(0x11, 0x15), 0x21, 0x31, 0x52, 0xe1];

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

/** **Units** `restartInterval` MCUs, 0: none; sides pixels. **Shape** grey, or three components of which the first has 2 × 1 blocks. */
export interface JpegOrder {
  readonly width: number;
  readonly height: number;
  readonly isGrey: boolean;
  readonly restartInterval: number;
}

export function makeJpeg(random: Random, order: JpegOrder): Buffer {
  const { width, height, isGrey, restartInterval } = order;
  const blocks = isGrey ? 1 : 4;
  const mcuCount = Math.ceil(width / (isGrey ? 8 : 16)) * Math.ceil(height / 8);
  const components = isGrey
    ? [[1, 0x11, 0]]
    : [1, 2, 3].map((id) => [id, id === 1 ? 0x21 : 0x11, 0]);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const ids = isGrey ? [1] : [1, 2, 3];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    segment(0xc0, [8, ...size, components.length, ...components.flat()]),
    segment(0xc4, [0x00, ...counts(4, 12), ...range(0, 11)]),
    segment(0xc4, [0x10, ...counts(8, AC_SYMBOLS.length), ...AC_SYMBOLS]),
    ...(restartInterval > 0 ? [segment(0xdd, [restartInterval >> 8, restartInterval & 255])] : []),
    segment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    scanOf(random, mcuCount, blocks, restartInterval),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, contents: readonly number[]): Buffer {
  const length = contents.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...contents]);
}

function counts(length: number, count: number): readonly number[] {
  return range(1, 16).map((n) => (n === length ? count : 0));
}

function scanOf(random: Random, mcuCount: number, blocks: number, interval: number): Buffer {
  const pieces: number[] = [];
  const step = interval === 0 ? mcuCount : interval;
  for (let mcu = 0; mcu < mcuCount; mcu += step) {
    if (mcu > 0) pieces.push(0xff, 0xd0 + ((mcu / step - 1) & 7));
    pieces.push(...stuffed(bitsOf(random, Math.min(step, mcuCount - mcu) * blocks)));
  }
  return Buffer.from(pieces);
}

/** DC differences cancel one another, lest the sum leaves what 8 bits allow. */
function bitsOf(random: Random, blockCount: number): string {
  const bits = (value: number, count: number): string =>
    count === 0 ? '' : value.toString(2).padStart(count, '0');
  let all = '';
  for (let block = 0; block < blockCount; block += 1) {
    const size = random(4);
    all += bits(size, 4) + bits(random(1 << size), size);
    for (let k = 1; k < 64;) {
      const place = random(3) === 0 ? 0 : random(AC_SYMBOLS.length);
      const symbol = AC_SYMBOLS[place] ?? 0;
      const next = k + (symbol >> 4) + 1;
      if (symbol !== 0 && next > (symbol === 0xf0 ? 63 : 64)) continue;
      all += bits(place, 8) + bits(random(1 << (symbol & 15)), symbol & 15);
      if (symbol === 0) break;
      k = next;
    }
  }
  return all;
}

function stuffed(bits: string): readonly number[] {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return range(0, padded.length / 8 - 1).flatMap((n) => {
    const byte = parseInt(padded.slice(8 * n, 8 * n + 8), 2);
    return byte === 0xff ? [0xff, 0] : [byte];
  });
}
