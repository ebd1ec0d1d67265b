/** The scan header (SOS): which components, with which tables, which of their coefficients. */
import { doubt } from '../walk';
import type { Component, Frame } from './frame-header';

export interface ScanComponent {
  readonly component: Component;
  /** Its place in the frame. */
  readonly index: number;
  readonly dcTable: number;
  readonly acTable: number;
}

/** **Shape** coefficients `from`…`to` in zigzag order; `high`, `low`: bits of them before and after this scan (Ah, Al). */
export interface Scan {
  readonly components: readonly ScanComponent[];
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/** No MCU has more blocks than this. **Source** T.81 B.2.3. */
const MOST_BLOCKS_IN_MCU = 10;

/** **Source** T.81 B.2.3, G.1.1.1.1; the limit of 13 is libjpeg's. */
export function readScanHeader(segment: Buffer, frame: Frame): Scan {
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) {
    doubt('a scan header (SOS) of a wrong length');
  }
  const components = readComponents(segment.subarray(1, 1 + 2 * count), frame);
  const [from = 0, to = 0, bits = 0] = segment.subarray(1 + 2 * count);
  const scan = { components, from, to, high: bits >> 4, low: bits & 15 };
  if (frame.isProgressive ? !isProgressiveBand(scan) : !isWhole(scan)) {
    doubt('a scan header (SOS) asks for coefficients that it cannot have');
  }
  return scan;
}

function readComponents(pairs: Buffer, frame: Frame): readonly ScanComponent[] {
  const all: ScanComponent[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const index = frame.components.findIndex(({ id }) => id === pairs[at]);
    const component = frame.components[index];
    const tables = pairs.readUInt8(at + 1);
    const dcTable = tables >> 4;
    const acTable = tables & 15;
    // Their order is the frame's, too, so none comes twice.
    if (component === undefined || index <= (all.at(-1)?.index ?? -1)) {
      doubt('a scan of a component that is not there');
    }
    if (dcTable > 3 || acTable > 3) doubt('a scan asks for a fifth Huffman table');
    all.push({ component, index, dcTable, acTable });
  }
  if (all.length > 1 && blocksInMcu(all) > MOST_BLOCKS_IN_MCU) doubt('an MCU of too many blocks');
  return all;
}

function blocksInMcu(components: readonly ScanComponent[]): number {
  return components.reduce(
    (sum, { component }) => sum + component.horizontal * component.vertical,
    0,
  );
}

function isWhole({ from, to, high, low }: Scan): boolean {
  return from === 0 && to === 63 && high === 0 && low === 0;
}

/** DC and AC are never in one scan, and AC scans are of one component. */
function isProgressiveBand({ components, from, to, high, low }: Scan): boolean {
  const isBand = from === 0 ? to === 0 : from <= to && to <= 63 && components.length === 1;
  return isBand && low <= 13 && (high === 0 || high === low + 1);
}
