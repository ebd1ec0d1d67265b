/** Creates baseline JPEGs of random symbols with restart markers, which sharp cannot write. */
import type { Random } from './random';

/**
 * All codes of a table have one length, so that their bits are easy to read: DC symbol n is n in 4
 * bits, AC symbols have 8 bits.
 */
const AC_SYMBOLS = [0x00, 0xf0, ...range(1, 10), ...range(0x11, 0x15), 0x21, 0x31, 0x52, 0xe1];

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

/** A JPEG is either grey or has three components, of which the first has 2 × 1 blocks per MCU. */
export interface JpegOptions {
  readonly width: number;
  readonly height: number;
  readonly isGrey: boolean;
  /** In MCUs; 0 for no restart markers. */
  readonly restartInterval: number;
}

export function makeJpeg(random: Random, options: JpegOptions): Buffer {
  const { width, height, isGrey, restartInterval } = options;
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
    segment(0xc4, [0x00, ...codeCounts(4, 12), ...range(0, 11)]),
    segment(0xc4, [0x10, ...codeCounts(8, AC_SYMBOLS.length), ...AC_SYMBOLS]),
    ...(restartInterval > 0 ? [segment(0xdd, [restartInterval >> 8, restartInterval & 255])] : []),
    segment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    createScanData(random, mcuCount, blocks, restartInterval),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, contents: readonly number[]): Buffer {
  const length = contents.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...contents]);
}

function codeCounts(length: number, count: number): readonly number[] {
  return range(1, 16).map((n) => (n === length ? count : 0));
}

function createScanData(
  random: Random,
  mcuCount: number,
  blocks: number,
  interval: number,
): Buffer {
  const pieces: number[] = [];
  const step = interval === 0 ? mcuCount : interval;
  for (let mcu = 0; mcu < mcuCount; mcu += step) {
    if (mcu > 0) pieces.push(0xff, 0xd0 + ((mcu / step - 1) & 7));
    pieces.push(
      ...withStuffedBytes(createBlockBits(random, Math.min(step, mcuCount - mcu) * blocks)),
    );
  }
  return Buffer.from(pieces);
}

/**
 * The bits of `blockCount` blocks. DC differences cancel one another, so that their sum stays
 * within 8 bits.
 */
function createBlockBits(random: Random, blockCount: number): string {
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

function withStuffedBytes(bits: string): readonly number[] {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return range(0, padded.length / 8 - 1).flatMap((n) => {
    const byte = parseInt(padded.slice(8 * n, 8 * n + 8), 2);
    return byte === 0xff ? [0xff, 0] : [byte];
  });
}
