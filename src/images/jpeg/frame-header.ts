/** The frame header (SOF): size, components, and how many blocks each has. */
import { doubt, refuseTooManyPixels, unknownKind } from '../walk';
import { SOF2 } from './markers';

/** **Units** `horizontal`, `vertical` sampling factors; `blocksWide`, `blocksHigh` blocks of 8 × 8 in a scan of its own. */
export interface Component {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
  readonly blocksWide: number;
  readonly blocksHigh: number;
}

/** **Units** `width`, `height` pixels; `mcuCount` MCUs in a scan of several components. */
export interface Frame {
  readonly isProgressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly mcuCount: number;
  readonly components: readonly Component[];
}

/** libjpeg's own limit. **Units** pixels. */
const LONGEST_SIDE = 65_500;

/**
 * **Units** `pixels` the most that are allowed.
 * **Source** T.81 B.2.2, A.1.1, A.2.
 */
export function readFrameHeader(marker: number, segment: Buffer, pixels: number): Frame {
  if (segment.length < 6) doubt('a frame header (SOF) that is too short');
  const height = segment.readUInt16BE(1);
  const width = segment.readUInt16BE(3);
  const count = segment.readUInt8(5);
  if (segment.length !== 6 + 3 * count) doubt('a frame header (SOF) of a wrong length');
  if (width === 0) doubt('a JPEG without width');
  refuseTooManyPixels(width, height, pixels);
  if (segment[0] !== 8) unknownKind(`${segment[0] ?? 0} bits a sample`);
  if (height === 0) unknownKind('a JPEG that tells its height later');
  if (width > LONGEST_SIDE || height > LONGEST_SIDE) unknownKind('a JPEG with a very long side');
  if (count !== 1 && count !== 3) unknownKind(`a JPEG of ${count} components`);
  return frameOf(marker === SOF2, width, height, readSpecifications(segment));
}

interface Specification {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
}

function readSpecifications(segment: Buffer): readonly Specification[] {
  const all: Specification[] = [];
  for (let at = 6; at < segment.length; at += 3) {
    const id = segment.readUInt8(at);
    const sampling = segment.readUInt8(at + 1);
    const horizontal = sampling >> 4;
    const vertical = sampling & 15;
    const quantisation = segment.readUInt8(at + 2);
    if (!isFactor(horizontal) || !isFactor(vertical)) doubt('a sampling factor is not 1 to 4');
    if (quantisation > 3) doubt('a component asks for a fifth quantisation table');
    if (all.some((other) => other.id === id)) doubt('two components have one name');
    all.push({ id, horizontal, vertical, quantisation });
  }
  return all;
}

function isFactor(factor: number): boolean {
  return factor >= 1 && factor <= 4;
}

function frameOf(
  isProgressive: boolean,
  width: number,
  height: number,
  specifications: readonly Specification[],
): Frame {
  const mostHorizontal = Math.max(...specifications.map(({ horizontal }) => horizontal));
  const mostVertical = Math.max(...specifications.map(({ vertical }) => vertical));
  const components = specifications.map((one) => {
    if (mostHorizontal % one.horizontal !== 0 || mostVertical % one.vertical !== 0) {
      unknownKind('sampling factors that do not divide one another');
    }
    const blocksWide = Math.ceil((width * one.horizontal) / (8 * mostHorizontal));
    const blocksHigh = Math.ceil((height * one.vertical) / (8 * mostVertical));
    return { ...one, blocksWide, blocksHigh };
  });
  const mcuCount = Math.ceil(width / (8 * mostHorizontal)) * Math.ceil(height / (8 * mostVertical));
  return { isProgressive, width, height, mcuCount, components };
}
