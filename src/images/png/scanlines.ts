/** The rows of a PNG's inflated data: how long they are, and that each begins with a filter. */
import { doubt } from '../walk';
import type { PngHeader } from './header';

/** Rows of one pass. **Units** `rowBytes` bytes with the filter's. */
export interface Pass {
  readonly rows: number;
  readonly rowBytes: number;
}

/** Columns and rows of the seven passes: where they begin, how far apart they are. **Source** PNG 8.2 (Adam7). */
const ADAM7 = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

const LAST_FILTER = 4;

/** Passes without pixels have no rows. */
export function passesOf({
  width,
  height,
  bitsPerPixel,
  isInterlaced,
}: PngHeader): readonly Pass[] {
  const pass = (columns: number, rows: number): Pass => ({
    rows: columns === 0 ? 0 : rows,
    rowBytes: 1 + Math.ceil((columns * bitsPerPixel) / 8),
  });
  if (!isInterlaced) return [pass(width, height)];
  return ADAM7.map(([left, right, top, down]) =>
    pass(Math.ceil((width - left) / right), Math.ceil((height - top) / down)),
  ).filter(({ rows }) => rows > 0);
}

/** **Units** bytes. */
export function inflatedLength(passes: readonly Pass[]): number {
  return passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
}

/** **Source** PNG 9.2: five filters. */
export function checkFilters(data: Uint8Array, passes: readonly Pass[]): void {
  let at = 0;
  for (const { rows, rowBytes } of passes) {
    for (let row = 0; row < rows; row += 1) {
      if ((data[at] ?? 0) > LAST_FILTER) doubt('a row with a filter that does not exist');
      at += rowBytes;
    }
  }
}
