/** One scan: its intervals, the restart markers between them, and what is in each. */
import { doubt } from '../walk';
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
import type { Scan, ScanComponent } from './scan-header';
import { INVALID_STEP, acStep, dcStep, walkSequentialMcus } from './sequential-scan';
import type { JpegTables, TablesOfCodes } from './tables';
import { walkFirstDc } from './dc-scan';

/** Walks MCUs `mcu`…`mcu + count - 1`; the bit behind them. */
export type WalkInterval = (mcu: number, count: number) => number;

/** What all scans of an image share. */
export interface ScanGround {
  readonly bytes: Uint8Array;
  readonly frame: Frame;
  readonly tables: JpegTables;
  readonly entropy: EntropyData;
  /** For each component; empty where the image is not progressive. */
  readonly nonZero: readonly NonZero[];
}

/** The offset behind the scan that begins at `from`. **Source** T.81 B.2.1, F.2.1.3. */
export function walkScan(ground: ScanGround, scan: Scan, from: number): number {
  for (const { component } of scan.components) {
    if (ground.tables.quantisation[component.quantisation] !== true) {
      doubt('a scan without its quantisation table');
    }
  }
  const walkInterval = intervalWalk(ground, scan);
  const total = mcuCountOf(ground.frame, scan);
  const interval = ground.tables.restartInterval === 0 ? total : ground.tables.restartInterval;
  const { bytes, entropy } = ground;
  let at = from;
  for (let mcu = 0; ;) {
    entropy.take(at);
    const count = Math.min(interval, total - mcu);
    const left = entropy.bitCount - walkInterval(mcu, count);
    if (left < 0) doubt('a scan has less data than its blocks need');
    if (left >= 8) doubt(`${left >> 3} bytes more than a scan's blocks need`);
    const isRestart = isRestartMarker(bytes, entropy.end, mcu / interval);
    mcu += count;
    if (mcu === total)
      return isRestart && count === interval && total > interval ? entropy.end + 2 : entropy.end;
    if (!isRestart) doubt('a restart marker is missing, or another one is in its place');
    at = entropy.end + 2;
  }
}

/** Whether the marker is the one that belongs behind the interval. Some cameras write one behind the last, too. */
function isRestartMarker(bytes: Uint8Array, at: number, interval: number): boolean {
  return bytes[at] === MARKER && bytes[at + 1] === RST0 + (interval & 7);
}

/** A scan of one component has its blocks alone, without those that fill up MCUs. **Source** T.81 A.2.2, A.2.3. */
function mcuCountOf(frame: Frame, { components }: Scan): number {
  const [first] = components;
  if (first === undefined || components.length > 1) return frame.mcuCount;
  return first.component.blocksWide * first.component.blocksHigh;
}

function intervalWalk(ground: ScanGround, scan: Scan): WalkInterval {
  if (!ground.frame.isProgressive) return sequentialWalk(ground, scan);
  if (scan.from > 0) return acWalk(ground, scan);
  return scan.high === 0 ? firstDcWalk(ground, scan) : refiningDcWalk(scan);
}

function sequentialWalk({ tables, entropy }: ScanGround, { components }: Scan): WalkInterval {
  const blocks = perBlock(components, ({ dcTable, acTable }) => ({
    dc: defined(tables.dc[dcTable])(dcStep, INVALID_STEP),
    ac: defined(tables.ac[acTable])(acStep, INVALID_STEP),
  }));
  return (_mcu, count) => walkSequentialMcus(entropy.data, entropy.bitCount, count, blocks);
}

function firstDcWalk({ tables, entropy }: ScanGround, { components }: Scan): WalkInterval {
  const blocks = perBlock(components, ({ dcTable }): HuffmanTable =>
    defined(tables.dc[dcTable])(dcStep, INVALID_STEP),
  );
  return (_mcu, count) => walkFirstDc(entropy.data, entropy.bitCount, count, blocks);
}

/** **Source** T.81 G.1.2.1: one bit a block, without a code. */
function refiningDcWalk({ components }: Scan): WalkInterval {
  const blocks = perBlock(components, () => 1).length;
  return (_mcu, count) => count * blocks;
}

function acWalk({ tables, entropy, nonZero }: ScanGround, scan: Scan): WalkInterval {
  const [one] = scan.components;
  if (one === undefined) return doubt('a scan of nothing');
  const shared = {
    ...{ data: entropy.data, from: scan.from, to: scan.to },
    table: defined(tables.ac[one.acTable])(symbolEntry, INVALID_SYMBOL),
    nonZero: nonZero[one.index] ?? new Uint32Array(),
  };
  const walk = scan.high === 0 ? walkFirstAc : walkRefiningAc;
  return (block, count) => walk({ ...shared, bitCount: entropy.bitCount, block, count });
}

function perBlock<T>(
  components: readonly ScanComponent[],
  make: (component: ScanComponent) => T,
): readonly T[] {
  return components.flatMap((one) => {
    const { horizontal, vertical } = one.component;
    return new Array<T>(components.length === 1 ? 1 : horizontal * vertical).fill(make(one));
  });
}

function defined(table: TablesOfCodes | undefined): TablesOfCodes {
  return table ?? doubt('a scan without its Huffman table');
}
