/** Reads the segments that define tables: DQT, DHT and DRI. */
import { doubt } from '../walk-result';
import {
  createHuffmanTable,
  type EntryOf,
  type HuffmanCodes,
  type HuffmanTable,
} from './huffman-table';
import { TYPICAL_TABLES } from './typical-tables';

/** The tables that the segments read so far have defined; each kind has four destinations. */
export interface JpegTables {
  readonly quantisation: boolean[];
  readonly dc: (HuffmanTableFactory | undefined)[];
  readonly ac: (HuffmanTableFactory | undefined)[];
  /** The restart interval in MCUs; 0 without one. */
  restartInterval: number;
}

/** One defined table, which scans request with different kinds of entries. */
export type HuffmanTableFactory = (entryOf: EntryOf, invalid: number) => HuffmanTable;

export function createJpegTables(): JpegTables {
  return { quantisation: [], dc: [], ac: [], restartInterval: 0 };
}

/**
 * Reads a DQT segment. A divisor of 0 is illegal and typical of a hole in the file.
 *
 * @see ITU-T T.81, B.2.4.1.
 */
export function readQuantisationTables(tables: JpegTables, segment: Buffer): void {
  let offset = 0;
  while (offset < segment.length) {
    const precision = (segment[offset] ?? 0) >> 4;
    const destination = (segment[offset] ?? 0) & 15;
    const end = offset + 1 + 64 * (precision + 1);
    if (precision > 1 || destination > 3 || end > segment.length)
      doubt('a quantisation table is not one');
    for (let value = offset + 1; value < end; value += precision + 1) {
      const divisor = precision === 0 ? segment[value] : segment.readUInt16BE(value);
      if (divisor === 0) doubt('a quantisation table has a zero');
    }
    tables.quantisation[destination] = true;
    offset = end;
  }
}

/**
 * Reads a DHT segment.
 *
 * @see ITU-T T.81, B.2.4.2.
 */
export function readHuffmanTables(tables: JpegTables, segment: Buffer): void {
  let offset = 0;
  while (offset < segment.length) {
    const kind = (segment[offset] ?? 0) >> 4;
    const destination = (segment[offset] ?? 0) & 15;
    let end = offset + 17;
    for (let length = 1; length <= 16; length += 1) end += segment[offset + length] ?? 0;
    if (kind > 1 || destination > 3 || end - offset - 17 > 256 || end > segment.length) {
      doubt('a Huffman table is not one');
    }
    const definition = segment.subarray(offset + 1, end);
    (kind === 0 ? tables.dc : tables.ac)[destination] = tableFactory(definition);
    offset = end;
  }
}

/**
 * To create the look-up tables of a thumbnail takes as long as to walk it, so those of typical
 * definitions are shared by all files.
 */
function tableFactory(definition: Buffer): HuffmanTableFactory {
  const typical = typicalFactories.find(({ bytes }) => bytes.equals(definition));
  return typical?.factory ?? createTableFactory(codesOf(definition));
}

function codesOf(definition: Buffer): HuffmanCodes {
  return { counts: definition.subarray(0, 16), symbols: definition.subarray(16) };
}

/**
 * Creates each look-up table once and on demand, because files define tables that they do not use,
 * and use tables in several scans.
 */
function createTableFactory(codes: HuffmanCodes): HuffmanTableFactory {
  const createdTables = new Map<EntryOf, HuffmanTable>();
  return (entryOf, invalid) => {
    const table = createdTables.get(entryOf) ?? createHuffmanTable(codes, entryOf, invalid);
    createdTables.set(entryOf, table);
    return table;
  };
}

const typicalFactories = TYPICAL_TABLES.map((bytes) => ({
  bytes,
  factory: createTableFactory(codesOf(bytes)),
}));

/**
 * Reads a DRI segment.
 *
 * @see ITU-T T.81, B.2.4.4.
 */
export function readRestartInterval(tables: JpegTables, segment: Buffer): void {
  if (segment.length !== 2) doubt('a restart interval (DRI) of a wrong length');
  tables.restartInterval = segment.readUInt16BE(0);
}
