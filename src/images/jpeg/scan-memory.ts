/** Runs the loops of the walk that see every byte of a scan as WebAssembly. */
import fs from 'node:fs';
import { builtFile } from '../../files/process/built-file';
import type { BlockTables, HuffmanTable } from './huffman-table';
import { MARKER } from './markers';
import { noBlock, tooLittleData } from './scan-doubts';

/** The part of WebAssembly that is used here, because @types/node does not declare it. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;

/** What assembly/walk-mcus.ts exports. All arguments but counts are addresses. */
interface WalkExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readInterval(from: number, count: number, to: number): number;
  walkMcus(
    data: number,
    bitCount: number,
    mcuCount: number,
    blocks: number,
    blockCount: number,
  ): number;
}

/** A part of a file that is read at once. */
const INPUT_BYTES = 1 << 16;

/** The layout of the memory; at 0 is the number of bytes that were read. */
const TABLES_AT = 64;
/** The arrays of a table, one behind another: see assembly/walk-mcus.ts. */
const TABLE = { limits: 1_024, offsets: 1_092, entries: 1_160, invalid: 1_672, bytes: 1_680 };
const MOST_TABLES = 8;
const BLOCKS_AT = TABLES_AT + MOST_TABLES * TABLE.bytes;
/** @see ITU-T T.81, B.2.2: four components of at most 4 × 4 blocks. */
const MOST_BLOCKS = 64;
const INPUT_AT = BLOCKS_AT + MOST_BLOCKS * 8;
const DATA_AT = INPUT_AT + INPUT_BYTES;

/** A memory that an image has made larger is not kept for the next one. */
const MOST_KEPT_BYTES = 8 << 20;
const PAGE_BYTES = 1 << 16;

const TOO_LITTLE_DATA = -1;

/** The memory of one image. It is valid until the memory of the next image is made. */
export interface ScanMemory {
  /** The data of an interval, without stuffed bytes. */
  readonly data: Uint8Array;
  /**
   * Fills `data` from the offset of the file on.
   *
   * @returns the number of bytes in `data`, and the offset of the marker that ends them.
   */
  readInterval(from: number): { readonly length: number; readonly end: number };
  /** As `walkSequentialMcus` of sequential-scan.ts, over `data`. */
  walkMcus(bitCount: number, mcuCount: number, blocks: readonly BlockTables[]): number;
}

let compiled: object | undefined;
let kept: WalkExports | null = null;

/**
 * Returns null where there is no WebAssembly, as with --jitless, or not enough memory.
 *
 * @param padding how many bytes behind the data may be read, which are zero.
 */
export function createScanMemory(bytes: Uint8Array, padding: number): ScanMemory | null {
  const exports = withRoomFor(bytes.length + padding);
  if (exports === null) return null;
  const { memory } = exports;
  const all = new Uint8Array(memory.buffer);
  const numbers = new DataView(memory.buffer);
  const putBlocks = createBlockWriter(memory);
  return {
    data: all.subarray(DATA_AT, DATA_AT + bytes.length + padding),
    readInterval: (from) => {
      let [offset, length] = [from, 0];
      do {
        const part = bytes.subarray(offset, offset + INPUT_BYTES);
        all.set(part, INPUT_AT);
        length += exports.readInterval(INPUT_AT, part.length, DATA_AT + length);
        offset += numbers.getInt32(0, true);
      } while (offset < bytes.length && !isMarkerAt(bytes, offset));
      all.fill(0, DATA_AT + length, DATA_AT + length + padding);
      return { length, end: offset };
    },
    walkMcus: (bitCount, mcuCount, blocks) => {
      putBlocks(blocks);
      const end = exports.walkMcus(DATA_AT, bitCount, mcuCount, BLOCKS_AT, blocks.length);
      if (end >= 0) return end;
      return end === TOO_LITTLE_DATA ? tooLittleData() : noBlock();
    },
  };
}

/** Whether the byte FF at this offset is not followed by a stuffed zero. */
function isMarkerAt(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === MARKER && bytes[offset + 1] !== 0;
}

/** Writes the tables of blocks into the memory, once for the same blocks. */
function createBlockWriter(
  memory: WalkExports['memory'],
): (blocks: readonly BlockTables[]) => void {
  let written: readonly BlockTables[] | null = null;
  return (blocks) => {
    if (blocks === written) return;
    written = blocks;
    const addresses = new Map<HuffmanTable, number>();
    const addressOf = (table: HuffmanTable): number => {
      const known = addresses.get(table);
      if (known !== undefined) return known;
      const address = TABLES_AT + addresses.size * TABLE.bytes;
      addresses.set(table, address);
      writeTable(memory, address, table);
      return address;
    };
    const list = new Uint32Array(memory.buffer, BLOCKS_AT, 2 * blocks.length);
    list.set(blocks.flatMap(({ dc, ac }) => [addressOf(dc), addressOf(ac)]));
  };
}

function writeTable(memory: WalkExports['memory'], at: number, table: HuffmanTable): void {
  const { buffer } = memory;
  new Uint16Array(buffer, at, table.first.length).set(table.first);
  new Int32Array(buffer, at + TABLE.limits, table.limits.length).set(table.limits);
  new Int32Array(buffer, at + TABLE.offsets, table.offsets.length).set(table.offsets);
  new Uint16Array(buffer, at + TABLE.entries, table.entries.length).set(table.entries);
  new Int32Array(buffer, at + TABLE.invalid, 1)[0] = table.invalid;
}

function withRoomFor(dataBytes: number): WalkExports | null {
  try {
    if (kept === null || kept.memory.buffer.byteLength > MOST_KEPT_BYTES) kept = instantiate();
    const missing = DATA_AT + dataBytes - (kept?.memory.buffer.byteLength ?? 0);
    if (missing > 0) kept?.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return kept;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** @throws RangeError when there is not enough memory. */
function instantiate(): WalkExports | null {
  if (typeof WebAssembly === 'undefined') return null;
  const file = builtFile('images/jpeg/assembly/walk-mcus.wasm');
  compiled ??= new WebAssembly.Module(fs.readFileSync(file));
  return new WebAssembly.Instance(compiled).exports as WalkExports;
}
