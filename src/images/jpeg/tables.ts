/** The segments that define tables: DQT, DHT, DRI. */
import { doubt } from '../walk';
import {
  createHuffmanTable,
  type EntryOf,
  type HuffmanCodes,
  type HuffmanTable,
} from './huffman-table';

/** The tables as the segments so far have defined them; each has four places. */
export interface JpegTables {
  readonly quantisation: boolean[];
  readonly dc: (TablesOfCodes | undefined)[];
  readonly ac: (TablesOfCodes | undefined)[];
  /** **Units** MCUs; 0: none. */
  restartInterval: number;
}

/** One defined table, in the forms in which scans ask for it. */
export type TablesOfCodes = (entryOf: EntryOf, invalid: number) => HuffmanTable;

export function createJpegTables(): JpegTables {
  return { quantisation: [], dc: [], ac: [], restartInterval: 0 };
}

/** **Source** T.81 B.2.4.1. A divisor of 0 is legal nowhere, and what a hole in the file looks like. */
export function readQuantisationTables(tables: JpegTables, segment: Buffer): void {
  let at = 0;
  while (at < segment.length) {
    const precision = (segment[at] ?? 0) >> 4;
    const place = (segment[at] ?? 0) & 15;
    const end = at + 1 + 64 * (precision + 1);
    if (precision > 1 || place > 3 || end > segment.length)
      doubt('a quantisation table is not one');
    for (let value = at + 1; value < end; value += precision + 1) {
      const divisor = precision === 0 ? segment[value] : segment.readUInt16BE(value);
      if (divisor === 0) doubt('a quantisation table has a zero');
    }
    tables.quantisation[place] = true;
    at = end;
  }
}

/** **Source** T.81 B.2.4.2. */
export function readHuffmanTables(tables: JpegTables, segment: Buffer): void {
  let at = 0;
  while (at < segment.length) {
    const kind = (segment[at] ?? 0) >> 4;
    const place = (segment[at] ?? 0) & 15;
    const counts = segment.subarray(at + 1, at + 17);
    const symbolCount = counts.reduce((sum, count) => sum + count, 0);
    const end = at + 17 + symbolCount;
    if (kind > 1 || place > 3 || symbolCount > 256 || end > segment.length) {
      doubt('a Huffman table is not one');
    }
    const codes = { counts, symbols: segment.subarray(at + 17, end) };
    (kind === 0 ? tables.dc : tables.ac)[place] = tablesOf(codes);
    at = end;
  }
}

/** Files define tables that they do not use, and use tables in several scans: each form is made once, when asked for. */
function tablesOf(codes: HuffmanCodes): TablesOfCodes {
  const made = new Map<EntryOf, HuffmanTable>();
  return (entryOf, invalid) => {
    const table = made.get(entryOf) ?? createHuffmanTable(codes, entryOf, invalid);
    made.set(entryOf, table);
    return table;
  };
}

/** **Source** T.81 B.2.4.4. */
export function readRestartInterval(tables: JpegTables, segment: Buffer): void {
  if (segment.length !== 2) doubt('a restart interval (DRI) of a wrong length');
  tables.restartInterval = segment.readUInt16BE(0);
}
