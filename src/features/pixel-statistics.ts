/**
 * Everything that one pass over the pixels gives: luma, brightness, contrast, colours, and a grid
 * of means.
 */
import { lumaOf } from './pdq/pdq-hash';
import type { Pixels } from './pixels';

/** The grid's side: each cell is the mean of its part of the image. */
export const GRID_SIDE = 32;

/** Red and green, and yellow and blue, may differ by less than this in a pixel that is grey. */
const GREY_DIFFERENCE = 5;

export interface PixelStatistics {
  /** The luma of each pixel, 0 to 255. */
  readonly luma: Float32Array;
  /** The mean of luma, 0 to 1. */
  readonly brightness: number;
  /** The standard deviation of luma, 0 to 0.5. */
  readonly contrast: number;
  /** The entropy of the histogram of luma in bits, 0 to 8. */
  readonly entropy: number;
  /** @see Hasler and Süsstrunk, "Measuring colourfulness in natural images", 2003. */
  readonly colourfulness: number;
  /** The share of pixels that are grey, 0 to 1. */
  readonly grey: number;
  /** Red, green and blue of {@link GRID_SIDE}² cells, row by row. */
  readonly grid: Uint8Array;
}

export function pixelStatistics({ data, width, height }: Pixels): PixelStatistics {
  const luma = new Float32Array(width * height);
  const histogram = new Uint32Array(256);
  const cells = new Float64Array(4 * GRID_SIDE * GRID_SIDE);
  const ends = Uint16Array.from({ length: GRID_SIDE }, (_, column) =>
    Math.ceil(((column + 1) * width) / GRID_SIDE),
  );
  const sums = { luma2: 0, redGreen2: 0, yellowBlue2: 0, grey: 0 };
  let pixel = 0;
  for (let y = 0; y < height; y += 1) {
    const rowCell = Math.trunc((y * GRID_SIDE) / height) * GRID_SIDE;
    const rowStart = pixel;
    for (let column = 0; column < GRID_SIDE; column += 1) {
      let reds = 0;
      let greens = 0;
      let blues = 0;
      let redGreen2 = 0;
      let yellowBlue2 = 0;
      let luma2 = 0;
      let grey = 0;
      const runStart = pixel;
      for (const end = rowStart + (ends[column] ?? 0); pixel < end; pixel += 1) {
        const red = data[3 * pixel] ?? 0;
        const green = data[3 * pixel + 1] ?? 0;
        const blue = data[3 * pixel + 2] ?? 0;
        const value = lumaOf(red, green, blue);
        luma[pixel] = value;
        luma2 += value * value;
        const bin = value & 255;
        histogram[bin] = (histogram[bin] ?? 0) + 1;
        const redGreen = red - green;
        const yellowBlue = red + green - 2 * blue;
        redGreen2 += redGreen * redGreen;
        yellowBlue2 += yellowBlue * yellowBlue;
        if (isNearGrey(redGreen, yellowBlue)) grey += 1;
        reds += red;
        greens += green;
        blues += blue;
      }
      sums.luma2 += luma2;
      sums.redGreen2 += redGreen2;
      sums.yellowBlue2 += yellowBlue2 / 4;
      sums.grey += grey;
      addToCell(cells, rowCell + column, [reds, greens, blues, pixel - runStart]);
    }
  }
  return { luma, grid: meansOf(cells), ...statisticsOf(sums, cells, histogram) };
}

function isNearGrey(redGreen: number, twiceYellowBlue: number): boolean {
  return (
    redGreen < GREY_DIFFERENCE &&
    redGreen > -GREY_DIFFERENCE &&
    twiceYellowBlue < 2 * GREY_DIFFERENCE &&
    twiceYellowBlue > -2 * GREY_DIFFERENCE
  );
}

/** `values` are the sums of red, green and blue, and the number of pixels. */
function addToCell(cells: Float64Array, cell: number, values: readonly number[]): void {
  for (let n = 0; n < 4; n += 1)
    cells[4 * cell + n] = (cells[4 * cell + n] ?? 0) + (values[n] ?? 0);
}

function statisticsOf(
  squares: { luma2: number; redGreen2: number; yellowBlue2: number; grey: number },
  cells: Float64Array,
  histogram: Uint32Array,
): Omit<PixelStatistics, 'luma' | 'grid'> {
  const [reds = 0, greens = 0, blues = 0, count = 0] = [0, 1, 2, 3].map((channel) => {
    let sum = 0;
    for (let at = channel; at < cells.length; at += 4) sum += cells[at] ?? 0;
    return sum;
  });
  const luma = 0.299 * reds + 0.587 * greens + 0.114 * blues;
  const redGreen = reds - greens;
  const yellowBlue = 0.5 * (reds + greens) - blues;
  const spread = Math.sqrt(
    variance(redGreen, squares.redGreen2, count) + variance(yellowBlue, squares.yellowBlue2, count),
  );
  return {
    brightness: luma / count / 255,
    contrast: Math.sqrt(variance(luma, squares.luma2, count)) / 255,
    entropy: entropyOf(histogram, count),
    colourfulness: spread + 0.3 * Math.hypot(redGreen / count, yellowBlue / count),
    grey: squares.grey / count,
  };
}

function variance(sum: number, squares: number, count: number): number {
  return Math.max(0, squares / count - (sum / count) ** 2);
}

function entropyOf(histogram: Uint32Array, count: number): number {
  let entropy = 0;
  for (const bin of histogram) if (bin > 0) entropy -= (bin / count) * Math.log2(bin / count);
  return entropy;
}

/**
 * An image of fewer pixels than the grid has cells leaves some empty: they have their neighbour's
 * mean.
 */
function meansOf(cells: Float64Array): Uint8Array {
  const grid = new Uint8Array((3 * cells.length) / 4);
  let filled = 0;
  for (let cell = 0; cell < cells.length / 4; cell += 1) {
    const isFilled = (cells[4 * cell + 3] ?? 0) > 0;
    if (isFilled) filled = cell;
    else if (cell % GRID_SIDE === 0) filled = cell - GRID_SIDE;
    const pixels = isFilled ? (cells[4 * cell + 3] ?? 1) : 0;
    for (let channel = 0; channel < 3; channel += 1) {
      grid[3 * cell + channel] = isFilled
        ? Math.round((cells[4 * cell + channel] ?? 0) / pixels)
        : (grid[3 * filled + channel] ?? 0);
    }
  }
  return grid;
}
