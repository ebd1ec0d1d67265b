/**
 * Reads the scan header (SOS): the components, their tables, and which of their coefficients the
 * scan contains.
 */
import { doubt } from '../walk-result';
import type { Component, Frame } from './frame-header';

export interface ScanComponent {
  readonly component: Component;
  /** The index of the component in the frame. */
  readonly index: number;
  readonly dcTable: number;
  readonly acTable: number;
}

/**
 * A scan of the coefficients `from`…`to` in zigzag order. `high` and `low` are the bit positions
 * before and after this scan (Ah and Al).
 */
export interface Scan {
  readonly components: readonly ScanComponent[];
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/**
 * The largest number of blocks of an MCU.
 *
 * @see ITU-T T.81, B.2.3.
 */
const MAX_BLOCKS_IN_MCU = 10;

/** @see ITU-T T.81, B.2.3 and G.1.1.1.1; the limit of 13 is libjpeg's. */
export function readScanHeader(segment: Buffer, frame: Frame): Scan {
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) {
    doubt('a scan header (SOS) of a wrong length');
  }
  const components = readComponents(segment.subarray(1, 1 + 2 * count), frame);
  const [from = 0, to = 0, bits = 0] = segment.subarray(1 + 2 * count);
  const scan = { components, from, to, high: bits >> 4, low: bits & 15 };
  if (frame.isProgressive ? !isProgressiveBand(scan) : !isSequentialBand(scan)) {
    doubt('a scan header (SOS) asks for coefficients that it cannot have');
  }
  return scan;
}

function readComponents(pairs: Buffer, frame: Frame): readonly ScanComponent[] {
  const all: ScanComponent[] = [];
  for (let offset = 0; offset < pairs.length; offset += 2) {
    const index = frame.components.findIndex(({ id }) => id === pairs[offset]);
    const component = frame.components[index];
    const tables = pairs.readUInt8(offset + 1);
    const dcTable = tables >> 4;
    const acTable = tables & 15;
    // Components are in the order of the frame, so none can occur twice.
    if (component === undefined || index <= (all.at(-1)?.index ?? -1)) {
      doubt('a scan of a component that is not there');
    }
    if (dcTable > 3 || acTable > 3) doubt('a scan asks for a fifth Huffman table');
    all.push({ component, index, dcTable, acTable });
  }
  if (all.length > 1 && blocksInMcu(all) > MAX_BLOCKS_IN_MCU) doubt('an MCU of too many blocks');
  return all;
}

function blocksInMcu(components: readonly ScanComponent[]): number {
  return components.reduce(
    (sum, { component }) => sum + component.horizontal * component.vertical,
    0,
  );
}

function isSequentialBand({ from, to, high, low }: Scan): boolean {
  return from === 0 && to === 63 && high === 0 && low === 0;
}

/** A progressive scan contains either DC or AC coefficients, and an AC scan has one component. */
function isProgressiveBand({ components, from, to, high, low }: Scan): boolean {
  const isBand = from === 0 ? to === 0 : from <= to && to <= 63 && components.length === 1;
  return isBand && low <= 13 && (high === 0 || high === low + 1);
}
