/** A picture of about 25 bytes, to show before an image is there. */
import { GRID_SIDE } from './pixel-statistics';

/**
 * `rgbaToThumbHash` of the package thumbhash. The package is an ES module, which cannot be loaded
 * synchronously here, so the caller loads it and passes the function.
 */
export type EncodeThumbHash = (
  width: number,
  height: number,
  rgba: ArrayLike<number>,
) => Uint8Array;

/** The grid in the proportions of the image, which are part of a ThumbHash. */
export function placeholderOf(
  grid: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  encode: EncodeThumbHash,
): string {
  const longer = Math.max(width, height);
  const columns = Math.max(1, Math.round((GRID_SIDE * width) / longer));
  const rows = Math.max(1, Math.round((GRID_SIDE * height) / longer));
  const rgba = new Uint8Array(4 * columns * rows);
  for (let y = 0; y < rows; y += 1) {
    const rowStart = Math.trunc((y * GRID_SIDE) / rows) * GRID_SIDE;
    for (let x = 0; x < columns; x += 1) {
      const cell = 3 * (rowStart + Math.trunc((x * GRID_SIDE) / columns));
      rgba.set(grid.subarray(cell, cell + 3), 4 * (y * columns + x));
      rgba[4 * (y * columns + x) + 3] = 255;
    }
  }
  return Buffer.from(encode(columns, rows, rgba)).toString('base64');
}
