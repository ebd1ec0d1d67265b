/**
 * What an image looks like, as 64 numbers: the mean colours of a grid of 4 × 4, and in each
 * quadrant how much its edges run in each of four directions. Images whose numbers are near look
 * alike.
 */
import { LOOK_LENGTH } from '../contract/features/feature';
import { GRID_SIDE } from './pixel-statistics';

const COLOUR_NUMBERS = 48;
const DIRECTIONS = 4;
const BLOCK = GRID_SIDE / 4;
const QUADRANT = GRID_SIDE / 2;

/** How 1 is written: a number takes one byte. */
const SCALE = 127;

/** `lab` has three numbers for each cell of the grid. */
export function lookOf(lab: Float64Array): Int8Array {
  const numbers = new Float64Array(LOOK_LENGTH);
  for (let y = 0; y < GRID_SIDE; y += 1) {
    for (let x = 0; x < GRID_SIDE; x += 1) {
      const block = Math.trunc(y / BLOCK) * 4 + Math.trunc(x / BLOCK);
      for (let channel = 0; channel < 3; channel += 1) {
        const value = lab[3 * (y * GRID_SIDE + x) + channel] ?? 0;
        numbers[3 * block + channel] = (numbers[3 * block + channel] ?? 0) + value / BLOCK ** 2;
      }
    }
  }
  addEdges(lab, numbers);
  return Int8Array.from(numbers, (value) =>
    Math.max(-SCALE, Math.min(SCALE, Math.round(value * SCALE))),
  );
}

function addEdges(lab: Float64Array, numbers: Float64Array): void {
  const lightness = (x: number, y: number): number => lab[3 * (y * GRID_SIDE + x)] ?? 0;
  for (let y = 1; y < GRID_SIDE - 1; y += 1) {
    for (let x = 1; x < GRID_SIDE - 1; x += 1) {
      const across = lightness(x + 1, y) - lightness(x - 1, y);
      const down = lightness(x, y + 1) - lightness(x, y - 1);
      // Light to dark and dark to light are the same edge.
      const half = ((Math.atan2(down, across) + Math.PI) % Math.PI) / Math.PI;
      const direction = Math.min(DIRECTIONS - 1, Math.trunc(half * DIRECTIONS));
      const quadrant = Math.trunc(y / QUADRANT) * 2 + Math.trunc(x / QUADRANT);
      const at = COLOUR_NUMBERS + quadrant * DIRECTIONS + direction;
      numbers[at] = (numbers[at] ?? 0) + Math.hypot(across, down) / LOOK_LENGTH;
    }
  }
}
