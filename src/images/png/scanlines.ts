/** The rows of a PNG's inflated data: their lengths, and the filter type with which each begins. */
import { doubt } from '../walk-result';
import type { PngHeader } from './png-header';

/** The rows of one pass. `rowBytes` includes the byte of the filter type. */
export interface Pass {
  readonly rows: number;
  readonly rowBytes: number;
}

/**
 * The seven passes of Adam7: the first column, the distance between columns, the first row, the
 * distance between rows.
 *
 * @see PNG (ISO/IEC 15948), section 8.2.
 */
const ADAM7 = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

const LAST_FILTER_TYPE = 4;

/** The passes of an image, without those that have no pixels. */
export function passesOf({
  width,
  height,
  bitsPerPixel,
  isInterlaced,
}: PngHeader): readonly Pass[] {
  const createPass = (columns: number, rows: number): Pass => ({
    rows: columns === 0 ? 0 : rows,
    rowBytes: 1 + Math.ceil((columns * bitsPerPixel) / 8),
  });
  if (!isInterlaced) return [createPass(width, height)];
  return ADAM7.map(([left, right, top, down]) =>
    createPass(Math.ceil((width - left) / right), Math.ceil((height - top) / down)),
  ).filter(({ rows }) => rows > 0);
}

/** The number of bytes of all passes. */
export function inflatedLength(passes: readonly Pass[]): number {
  return passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
}

/**
 * Checks that each row begins with one of the five filter types.
 *
 * @see PNG (ISO/IEC 15948), section 9.2.
 */
export function checkFilters(data: Uint8Array, passes: readonly Pass[]): void {
  let offset = 0;
  for (const { rows, rowBytes } of passes) {
    for (let row = 0; row < rows; row += 1) {
      if ((data[offset] ?? 0) > LAST_FILTER_TYPE) doubt('a row with a filter that does not exist');
      offset += rowBytes;
    }
  }
}
