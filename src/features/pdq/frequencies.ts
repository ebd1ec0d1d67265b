/**
 * The 16 × 16 lowest frequencies of a 64 × 64 image, without the constant ones: a discrete cosine
 * transform, rounded to 32 bits in every step and added in the same order as Meta's.
 */

export const FREQUENCY_SIDE = 16;
const SIDE = 64;

/** The cosines: a row for each frequency, a column for each of the 64 values. */
const COSINES = Float32Array.from({ length: FREQUENCY_SIDE * SIDE }, (_, at) => {
  const [frequency, column] = [Math.trunc(at / SIDE) + 1, at % SIDE];
  const angle = (Math.PI / 2 / SIDE) * frequency * (2 * column + 1);
  return Math.fround(Math.sqrt(2 / SIDE)) * Math.cos(angle);
});

/** Row by row, `FREQUENCY_SIDE` in each row. */
export function frequencies(image: Float32Array): Float32Array {
  const half = new Float32Array(FREQUENCY_SIDE * SIDE);
  for (let row = 0; row < FREQUENCY_SIDE; row += 1) {
    for (let k = 0; k < SIDE; k += 1) {
      const cosine = COSINES[row * SIDE + k] ?? 0;
      for (let column = 0; column < SIDE; column += 1) {
        const product = Math.fround(cosine * (image[k * SIDE + column] ?? 0));
        half[row * SIDE + column] = (half[row * SIDE + column] ?? 0) + product;
      }
    }
  }
  const all = new Float32Array(FREQUENCY_SIDE * FREQUENCY_SIDE);
  for (let row = 0; row < FREQUENCY_SIDE; row += 1) {
    for (let column = 0; column < FREQUENCY_SIDE; column += 1) {
      let sum = 0;
      for (let k = 0; k < SIDE; k += 1) {
        const product = Math.fround(
          (half[row * SIDE + k] ?? 0) * (COSINES[column * SIDE + k] ?? 0),
        );
        sum = Math.fround(sum + product);
      }
      all[row * FREQUENCY_SIDE + column] = sum;
    }
  }
  return all;
}
