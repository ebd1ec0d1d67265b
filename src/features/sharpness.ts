/**
 * How sharp an image is: the variance of its Laplacian. A blurred image has few edges, and a small
 * one.
 */

/** 0 for an image of fewer than 3 × 3 pixels. */
export function sharpness(luma: Float32Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    const end = (y + 1) * width - 1;
    for (let at = y * width + 1; at < end; at += 1) {
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0);
      const above = (luma[at - width] ?? 0) + (luma[at + width] ?? 0);
      const laplacian = around + above - 4 * (luma[at] ?? 0);
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const count = Math.max(0, width - 2) * Math.max(0, height - 2);
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
