/** Reads the frame header (SOF): the size, the components, and how many blocks each of them has. */
import { doubt, refuseTooManyPixels, unknownKind } from '../walk-result';
import { SOF2 } from './markers';

/**
 * A component. `blocksWide` and `blocksHigh` count blocks of 8 × 8 in a scan of this component
 * alone.
 */
export interface Component {
  readonly id: number;
  /** The sampling factors. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
  readonly blocksWide: number;
  readonly blocksHigh: number;
}

/**
 * The frame. `width` and `height` are in pixels; `mcuCount` counts the MCUs of a scan of several
 * components.
 */
export interface Frame {
  readonly isProgressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly mcuCount: number;
  readonly components: readonly Component[];
}

/** libjpeg's limit in pixels. */
const MAX_SIDE = 65_500;

/**
 * Reads the header. `pixels` is the largest number of pixels that is accepted.
 *
 * @see ITU-T T.81, B.2.2, A.1.1 and A.2.
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
  if (height === 0) unknownKind('a JPEG whose height comes after the picture (DNL)');
  if (width > MAX_SIDE || height > MAX_SIDE) unknownKind('a JPEG with a very long side');
  if (![1, 3, 4].includes(count)) unknownKind(`a JPEG of ${count} components`);
  return createFrame(marker === SOF2, width, height, readSpecifications(segment));
}

interface Specification {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
}

function readSpecifications(segment: Buffer): readonly Specification[] {
  const all: Specification[] = [];
  for (let offset = 6; offset < segment.length; offset += 3) {
    const id = segment.readUInt8(offset);
    const sampling = segment.readUInt8(offset + 1);
    const horizontal = sampling >> 4;
    const vertical = sampling & 15;
    const quantisation = segment.readUInt8(offset + 2);
    if (!isSamplingFactor(horizontal) || !isSamplingFactor(vertical))
      doubt('a sampling factor is not 1 to 4');
    if (quantisation > 3) doubt('a component asks for a fifth quantisation table');
    if (all.some((other) => other.id === id)) doubt('two components have one name');
    all.push({ id, horizontal, vertical, quantisation });
  }
  return all;
}

function isSamplingFactor(factor: number): boolean {
  return factor >= 1 && factor <= 4;
}

function createFrame(
  isProgressive: boolean,
  width: number,
  height: number,
  specifications: readonly Specification[],
): Frame {
  const maxHorizontal = Math.max(...specifications.map(({ horizontal }) => horizontal));
  const maxVertical = Math.max(...specifications.map(({ vertical }) => vertical));
  const components = specifications.map((one) => {
    if (maxHorizontal % one.horizontal !== 0 || maxVertical % one.vertical !== 0) {
      unknownKind('sampling factors that do not divide one another');
    }
    const blocksWide = Math.ceil((width * one.horizontal) / (8 * maxHorizontal));
    const blocksHigh = Math.ceil((height * one.vertical) / (8 * maxVertical));
    return { ...one, blocksWide, blocksHigh };
  });
  const mcuCount = Math.ceil(width / (8 * maxHorizontal)) * Math.ceil(height / (8 * maxVertical));
  return { isProgressive, width, height, mcuCount, components };
}
