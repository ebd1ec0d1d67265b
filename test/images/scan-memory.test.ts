/** The walk in WebAssembly reads and decides as the one in TypeScript, its oracle. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { builtFile } from '../../src/files/process/built-file';
import { readInterval } from '../../src/images/jpeg/entropy-data';
import {
  createHuffmanTable,
  type BlockTables,
  type HuffmanCodes,
} from '../../src/images/jpeg/huffman-table';
import { createScanMemory, type ScanMemory } from '../../src/images/jpeg/scan-memory';
import {
  acStep,
  dcStep,
  INVALID_STEP,
  walkSequentialMcus,
} from '../../src/images/jpeg/sequential-scan';
import { TYPICAL_TABLES } from '../../src/images/jpeg/typical-tables';
import { endedEarly } from '../../src/images/walk-result';
import { MOST_PIXELS, walkOf } from './compare-with-sharp';
import { JPEG_DAMAGES } from './jpeg-damages';
import { makeJpeg } from './make-jpeg';
import { createRandom, pick } from './random';

const PADDING = 1_024;

function memoryOf(bytes: Uint8Array): ScanMemory {
  const memory = createScanMemory(bytes, PADDING);
  if (memory === null) throw new Error('This Node has no WebAssembly.');
  return memory;
}

/** Bytes of which many are FF or 00, as stuffed bytes and markers are. */
const scanBytes = fc
  .array(fc.oneof(fc.constantFrom(0xff, 0x00), fc.nat(255)), { maxLength: 200 })
  .map((list) => Uint8Array.from(list));

function expectSameInterval(bytes: Uint8Array, from: number): void {
  const data = new Uint8Array(bytes.length + PADDING);
  const wanted = readInterval(bytes, from, data);
  const memory = memoryOf(bytes);
  expect(memory.readInterval(from)).toEqual(wanted);
  expect(
    Buffer.compare(memory.data.subarray(0, wanted.length + 8), data.subarray(0, wanted.length + 8)),
  ).toBe(0);
}

describe('the data of an interval', () => {
  it('is the same for any bytes, from any offset', () => {
    fc.assert(
      fc.property(scanBytes, fc.nat(200), (bytes, from) => {
        expectSameInterval(bytes, Math.min(from, bytes.length));
      }),
    );
  });

  it('is the same where a stuffed byte or a marker lies across two parts that are read', () => {
    for (const [at, after] of [-2, -1, 0, 1].flatMap(
      (n) =>
        [
          [n, 0],
          [n, 0xd9],
        ] as const,
    )) {
      const bytes = new Uint8Array(200_000).fill(7);
      bytes.set([0xff, after], 65_536 + at);
      expectSameInterval(bytes, 0);
      expectSameInterval(bytes.subarray(0, 65_537 + at), 0);
    }
  });
});

/** Codes of up to 16 bits: as many of each length as still fit, or fewer. */
const codes: fc.Arbitrary<HuffmanCodes> = fc
  .tuple(fc.array(fc.nat(30), { minLength: 16, maxLength: 16 }), fc.infiniteStream(fc.nat(255)))
  .map(([most, symbols]) => {
    let free = 1;
    const counts = most.map((wanted, index) => {
      free = 2 * free;
      const count = Math.min(wanted, index < 4 ? 1 : free - 1, 255, free - 1);
      free -= count;
      return count;
    });
    const all = counts.reduce((sum, count) => sum + count, 0);
    const bounded = Uint8Array.from(counts);
    return { counts: bounded, symbols: Uint8Array.from([...symbols.take(all)]) };
  })
  .filter(({ symbols }) => symbols.length <= 256);

const [, , ...TYPICAL_AC] = TYPICAL_TABLES;
const typical = fc
  .constantFrom(...TYPICAL_AC)
  .map((table): HuffmanCodes => ({ counts: table.subarray(0, 16), symbols: table.subarray(16) }));

/** Nearly all codes exist; the symbols are short runs of zeros, and ends of blocks. */
const likely = fc
  .tuple(typical, fc.uint8Array({ minLength: 256, maxLength: 256 }))
  .map(([{ counts, symbols }, bytes]): HuffmanCodes => ({
    counts,
    symbols: bytes
      .subarray(0, symbols.length)
      .map((byte) => (byte % 5 === 0 ? 0 : (byte & 0x30) | (1 + (byte % 10)))),
  }));

const block = fc
  .tuple(fc.oneof(codes, typical), fc.oneof(codes, likely, typical))
  .map(([dc, ac]): BlockTables => {
    const sizes = { ...dc, symbols: dc.symbols.map((size) => size % 12) };
    return {
      dc: createHuffmanTable(sizes, dcStep, INVALID_STEP),
      ac: createHuffmanTable(ac, acStep, INVALID_STEP),
    };
  });

/** The offset after the MCUs, or why there is none. */
function outcomeOf(walk: () => number): unknown {
  try {
    return walk();
  } catch (error) {
    return endedEarly(error) ?? error;
  }
}

it('MCUs end at the same bit, or for the same reason, with any tables and data', () => {
  let ended = 0;
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 4 }),
      fc.uint8Array({ minLength: 50, maxLength: 400, size: 'max' }),
      fc.integer({ min: 1, max: 6 }),
      (blocks, bytes, mcuCount) => {
        const file = bytes.filter((byte) => byte !== 0xff);
        const memory = memoryOf(file);
        const { length } = memory.readInterval(0);
        const data = Uint8Array.from(memory.data);
        const wanted = outcomeOf(() => walkSequentialMcus(data, 8 * length, mcuCount, blocks));
        expect(outcomeOf(() => memory.walkMcus(8 * length, mcuCount, blocks))).toEqual(wanted);
        if (typeof wanted === 'number') ended += 1;
      },
    ),
    { numRuns: 500 },
  );
  expect(ended).toBeGreaterThan(50);
});

it('whole files, good and damaged, get the same answer without WebAssembly', () => {
  const random = createRandom(7);
  const files = Array.from({ length: 60 }, (_none, n) => {
    const good = makeJpeg(random, {
      width: 1 + random(200),
      height: 1 + random(200),
      isGrey: n % 3 === 0,
      restartInterval: random(4),
    });
    const damage = n % 2 === 0 ? null : pick(random, Object.values(JPEG_DAMAGES));
    return damage?.(good, random) ?? good;
  });
  const script = `
    const { walkImage } = require(${JSON.stringify(builtFile('images/walk-image.js'))});
    const files = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    const request = { path: '', extension: '', format: 'jpeg', pixels: ${MOST_PIXELS} };
    const walks = files.map((file) => walkImage(request, Buffer.from(file, 'base64')));
    console.log(JSON.stringify([typeof WebAssembly, walks]));`;
  const input = JSON.stringify(files.map((file) => file.toString('base64')));
  const { stdout } = spawnSync(process.execPath, ['--jitless', '-e', script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const walks = files.map((file) => walkOf('jpeg', file));
  expect(JSON.parse(stdout)).toEqual(['undefined', JSON.parse(JSON.stringify(walks))]);
  expect(new Set(walks.map(({ state }) => state)).size).toBeGreaterThan(1);
});
