/**
 * A box filter along the rows or the columns of an image.
 *
 * Hashes must equal Meta's bit for bit. Theirs adds and subtracts one value at a time and rounds
 * each sum to 32 bits, so these do the same, in the same order. Means are made with the reciprocal,
 * which is quicker than a division and gives the same: the quotient of a number of 24 bits and a
 * small one is never so near to the middle between two numbers of 24 bits that an error in the 53rd
 * bit could round it to the other one.
 *
 * @see PDQ, "Jarosz filter": Meta's ThreatExchange, `pdq/cpp/downscaling`.
 */

/** How many values of a line of this length make a mean. */
interface Window {
  readonly size: number;
  /** How many values are added before the first mean. */
  readonly lead: number;
}

/** Half a block of the 64 × 64 blocks that PDQ makes of an image, rounded up. */
function windowOf(length: number): Window {
  const size = Math.trunc((length + 127) / 128);
  return { size, lead: ((size + 2) >> 1) - 1 };
}

/** The reciprocal of how many values are in the window after value `n` was added. */
function shareAt(n: number, length: number, { size }: Window): number {
  return 1 / (Math.min(n + 1, length) - Math.max(0, n + 1 - size));
}

/**
 * Four rows side by side, because each sum waits for the one before it. The last row may be
 * filtered again.
 */
export function filterRows(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
): void {
  const window = windowOf(width);
  for (let row = 0; row < height; row += 4) {
    const a = row * width;
    const b = Math.min(row + 1, height - 1) * width;
    const c = Math.min(row + 2, height - 1) * width;
    const d = Math.min(row + 3, height - 1) * width;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let n = 0; n < width + window.lead; n += 1) {
      if (n < width) {
        sumA = Math.fround(sumA + (from[a + n] ?? 0));
        sumB = Math.fround(sumB + (from[b + n] ?? 0));
        sumC = Math.fround(sumC + (from[c + n] ?? 0));
        sumD = Math.fround(sumD + (from[d + n] ?? 0));
      }
      const left = n - window.size;
      if (left >= 0) {
        sumA = Math.fround(sumA - (from[a + left] ?? 0));
        sumB = Math.fround(sumB - (from[b + left] ?? 0));
        sumC = Math.fround(sumC - (from[c + left] ?? 0));
        sumD = Math.fround(sumD - (from[d + left] ?? 0));
      }
      const out = n - window.lead;
      if (out < 0) continue;
      const share = shareAt(n, width, window);
      to[a + out] = sumA * share;
      to[b + out] = sumB * share;
      to[c + out] = sumC * share;
      to[d + out] = sumD * share;
    }
  }
}

/** Row by row with a running sum for each column, so that memory is read in sequence. */
export function filterColumns(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
): void {
  const window = windowOf(height);
  const sums = new Float32Array(width);
  for (let n = 0; n < height + window.lead; n += 1) {
    const right = n * width;
    const left = right - window.size * width;
    const out = right - window.lead * width;
    const share = shareAt(n, height, window);
    if (n < height && left >= 0) {
      for (let x = 0; x < width; x += 1) {
        const added = Math.fround((sums[x] ?? 0) + (from[right + x] ?? 0));
        const sum = Math.fround(added - (from[left + x] ?? 0));
        sums[x] = sum;
        to[out + x] = sum * share;
      }
      continue;
    }
    for (let x = 0; x < width; x += 1) {
      if (n < height) sums[x] = (sums[x] ?? 0) + (from[right + x] ?? 0);
      if (left >= 0) sums[x] = (sums[x] ?? 0) - (from[left + x] ?? 0);
      if (out >= 0) to[out + x] = (sums[x] ?? 0) * share;
    }
  }
}
