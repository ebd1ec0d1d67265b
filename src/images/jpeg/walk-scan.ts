/** Walks one scan: its intervals, their contents, and the restart markers between them. */
import { doubt, endedEarly, refuseWalk } from '../walk-result';
import type { EntropyData } from './entropy-data';
import type { Frame } from './frame-header';
import type { HuffmanTable } from './huffman-table';
import { MARKER, RST0 } from './markers';
import {
  INVALID_SYMBOL,
  symbolEntry,
  walkFirstAc,
  walkRefiningAc,
  type NonZero,
} from './progressive-scan';
import { tooLittleData } from './scan-doubts';
import type { Scan, ScanComponent } from './scan-header';
import { INVALID_STEP, acStep, dcStep, walkSequentialMcus } from './sequential-scan';
import type { HuffmanTableFactory, JpegTables } from './tables';
import { walkFirstDc } from './dc-scan';

/** Walks the MCUs `mcu`…`mcu + count - 1` and returns the offset of the bit after them. */
export type WalkInterval = (mcu: number, count: number) => number;

/** The data that all scans of an image share. */
export interface ScanContext {
  readonly bytes: Uint8Array;
  readonly frame: Frame;
  readonly tables: JpegTables;
  readonly entropy: EntropyData;
  /** True when this scan completes the image and the file has no end mark. */
  readonly isUnended: () => boolean;
  /** The words of each component; empty if the image is not progressive. */
  readonly nonZero: readonly NonZero[];
}

/**
 * Walks the scan that begins at `from`.
 *
 * @returns the offset after the scan.
 * @see ITU-T T.81, B.2.1 and F.2.1.3.
 */
export function walkScan(context: ScanContext, scan: Scan, from: number): number {
  for (const { component } of scan.components) {
    if (context.tables.quantisation[component.quantisation] !== true) {
      doubt('a scan without its quantisation table');
    }
  }
  const walkInterval = createIntervalWalk(context, scan);
  const total = mcuCountOf(context.frame, scan);
  const interval = context.tables.restartInterval === 0 ? total : context.tables.restartInterval;
  const { bytes, entropy } = context;
  let offset = from;
  for (let mcu = 0; ;) {
    entropy.take(offset);
    const count = Math.min(interval, total - mcu);
    const left = bitsLeft(entropy, walkInterval, mcu, count);
    if (isFilledWithZeros(entropy, left)) refuseWalk('truncated', FILLED_WITH_ZEROS);
    if (mcu + count === total && (entropy.isAtFileEnd || left >= 8) && context.isUnended())
      return bytes.length;
    if (entropy.isAtFileEnd) refuseWalk('truncated', ENDS_INSIDE);
    if (left >= 8) doubt(`${left >> 3} bytes more than a scan's blocks need`);
    const isRestart = isRestartMarker(bytes, entropy.end, mcu / interval);
    mcu += count;
    if (mcu === total)
      return isRestart && count === interval && total > interval ? entropy.end + 2 : entropy.end;
    if (!isRestart) doubt('a restart marker is missing, or another one is in its place');
    offset = entropy.end + 2;
  }
}

const ENDS_INSIDE = 'the JPEG ends inside a scan';
const FILLED_WITH_ZEROS = 'the JPEG ends in zeros inside a scan';

/** At least this number of zero bytes directly before the end of the blocks is filler, not data. */
const ZEROS_WITHIN_BLOCKS = 16;

/**
 * Whether the file was cut and filled with zeros, as by a copy that was not finished: zeros are
 * valid symbols. A whole scan ends with bits of 1, also where its last blocks are zeros.
 *
 * @see ITU-T T.81, F.1.2.3: the last byte of a scan is completed with bits of 1.
 */
function isFilledWithZeros({ data, bitCount, isAtFileEnd }: EntropyData, left: number): boolean {
  const from = ((bitCount - left) >> 3) - ZEROS_WITHIN_BLOCKS;
  if (!isAtFileEnd || from < 0) return false;
  return data.subarray(from, bitCount >> 3).every((byte) => byte === 0);
}

/**
 * The number of bits after those of the interval's blocks. Ends the walk as truncated if the file
 * ends before them.
 */
function bitsLeft(
  entropy: EntropyData,
  walkInterval: WalkInterval,
  mcu: number,
  count: number,
): number {
  try {
    const left = entropy.bitCount - walkInterval(mcu, count);
    return left < 0 ? tooLittleData() : left;
  } catch (error) {
    if (entropy.isAtFileEnd && endedEarly(error) !== null) refuseWalk('truncated', ENDS_INSIDE);
    throw error;
  }
}

/**
 * Whether the marker at `offset` is the restart marker after this interval. Some cameras also write
 * one after the last interval.
 */
function isRestartMarker(bytes: Uint8Array, offset: number, interval: number): boolean {
  return bytes[offset] === MARKER && bytes[offset + 1] === RST0 + (interval & 7);
}

/**
 * The number of MCUs of a scan. A scan of one component omits the blocks that only complete MCUs.
 *
 * @see ITU-T T.81, A.2.2 and A.2.3.
 */
function mcuCountOf(frame: Frame, { components }: Scan): number {
  const [first] = components;
  if (first === undefined || components.length > 1) return frame.mcuCount;
  return first.component.blocksWide * first.component.blocksHigh;
}

function createIntervalWalk(context: ScanContext, scan: Scan): WalkInterval {
  if (!context.frame.isProgressive) return createSequentialWalk(context, scan);
  if (scan.from > 0) return createAcWalk(context, scan);
  return scan.high === 0 ? createFirstDcWalk(context, scan) : createRefiningDcWalk(scan);
}

function createSequentialWalk(
  { tables, entropy }: ScanContext,
  { components }: Scan,
): WalkInterval {
  const blocks = forEachBlock(components, ({ dcTable, acTable }) => ({
    dc: requireTable(tables.dc[dcTable])(dcStep, INVALID_STEP),
    ac: requireTable(tables.ac[acTable])(acStep, INVALID_STEP),
  }));
  const { memory, data } = entropy;
  return (_mcu, count) =>
    memory === null
      ? walkSequentialMcus(data, entropy.bitCount, count, blocks)
      : memory.walkMcus(entropy.bitCount, count, blocks);
}

function createFirstDcWalk({ tables, entropy }: ScanContext, { components }: Scan): WalkInterval {
  const blocks = forEachBlock(components, ({ dcTable }): HuffmanTable =>
    requireTable(tables.dc[dcTable])(dcStep, INVALID_STEP),
  );
  return (_mcu, count) => walkFirstDc(entropy.data, entropy.bitCount, count, blocks);
}

/**
 * A refining DC scan has one bit per block, without a code.
 *
 * @see ITU-T T.81, G.1.2.1.
 */
function createRefiningDcWalk({ components }: Scan): WalkInterval {
  const blocks = forEachBlock(components, () => 1).length;
  return (_mcu, count) => count * blocks;
}

function createAcWalk({ tables, entropy, nonZero }: ScanContext, scan: Scan): WalkInterval {
  const [one] = scan.components;
  if (one === undefined) return doubt('a scan of nothing');
  const shared = {
    data: entropy.data,
    from: scan.from,
    to: scan.to,
    table: requireTable(tables.ac[one.acTable])(symbolEntry, INVALID_SYMBOL),
    nonZero: nonZero[one.index] ?? new Uint32Array(),
  };
  const walk = scan.high === 0 ? walkFirstAc : walkRefiningAc;
  return (block, count) => walk({ ...shared, bitCount: entropy.bitCount, block, count });
}

function forEachBlock<T>(
  components: readonly ScanComponent[],
  make: (component: ScanComponent) => T,
): readonly T[] {
  return components.flatMap((one) => {
    const { horizontal, vertical } = one.component;
    return new Array<T>(components.length === 1 ? 1 : horizontal * vertical).fill(make(one));
  });
}

function requireTable(table: HuffmanTableFactory | undefined): HuffmanTableFactory {
  return table ?? doubt('a scan without its Huffman table');
}
