/** Checks which chunks a PNG has and where they are. */
import { doubt } from '../walk-result';
import { isCritical, printableType, type Chunk } from './chunks';
import { GREY, GREY_ALPHA, INDEXED, TRUE_COLOUR, type PngHeader } from './png-header';

/** @see PNG (ISO/IEC 15948), sections 5.6 (order), 11.2 (critical chunks) and 11.3.2.1 (tRNS). */
export function checkChunkRules(chunks: readonly Chunk[], header: PngHeader): void {
  const types = chunks.map(({ type }) => type);
  for (const { type, isSound } of chunks) {
    if (!/^[A-Za-z]{4}$/.test(type)) doubt('a chunk whose type is not four letters');
    if (!isSound) doubt(`wrong CRC in ${type}`);
    if (isUnknownCritical(type)) doubt(`an unknown critical chunk ${printableType(type)}`);
  }
  if (types.lastIndexOf('IHDR') !== 0) doubt('a second header (IHDR)');
  checkImageDataOrder(types);
  const before = chunks.slice(0, types.indexOf('IDAT'));
  const palette = checkPalette(chunks, before, header);
  checkTransparency(chunks, before, header, palette);
  const last = chunks.at(-1);
  if (last?.type === 'IEND' && dataLength(last) !== 0) doubt('an IEND with data');
}

/** Whether a decoder of the specification must refuse a PNG with a chunk of this type. */
export function isUnknownCritical(type: string): boolean {
  return isCritical(type) && !KNOWN_CRITICAL_TYPES.has(type);
}

const KNOWN_CRITICAL_TYPES: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

function checkImageDataOrder(types: readonly string[]): void {
  const first = types.indexOf('IDAT');
  if (first === -1) doubt('a PNG without data (IDAT)');
  const last = types.lastIndexOf('IDAT');
  if (types.slice(first, last).some((type) => type !== 'IDAT')) doubt('IDAT chunks are apart');
}

/** @returns the number of colours; 0 without a palette. */
function checkPalette(
  chunks: readonly Chunk[],
  before: readonly Chunk[],
  { colourType, depth }: PngHeader,
): number {
  const palettes = chunks.filter(({ type }) => type === 'PLTE');
  const [palette] = palettes;
  if (palette === undefined) return colourType === INDEXED ? doubt('no palette (PLTE)') : 0;
  if (palettes.length > 1 || !before.includes(palette)) doubt('a palette (PLTE) in a wrong place');
  if (colourType === GREY || colourType === GREY_ALPHA) doubt('a palette (PLTE) for grey pixels');
  const most = colourType === INDEXED ? 2 ** depth : 256;
  const colours = dataLength(palette) / 3;
  if (!Number.isInteger(colours) || colours === 0 || colours > most) {
    doubt('a palette (PLTE) of a wrong length');
  }
  return colours;
}

function checkTransparency(
  chunks: readonly Chunk[],
  before: readonly Chunk[],
  { colourType }: PngHeader,
  colours: number,
): void {
  const all = chunks.filter(({ type }) => type === 'tRNS');
  const [one] = all;
  if (one === undefined) return;
  const types = before.map(({ type }) => type);
  if (all.length > 1 || types.indexOf('tRNS') < types.indexOf('PLTE') || !before.includes(one)) {
    doubt('a tRNS in a wrong place');
  }
  if (!hasFittingLength(dataLength(one), colourType, colours)) doubt('a tRNS that does not fit');
}

function hasFittingLength(length: number, colourType: number, colours: number): boolean {
  if (colourType === INDEXED) return length > 0 && length <= colours;
  return length === { [GREY]: 2, [TRUE_COLOUR]: 6 }[colourType];
}

function dataLength(chunk: Chunk | undefined): number {
  return chunk === undefined ? 0 : chunk.to - chunk.from;
}
