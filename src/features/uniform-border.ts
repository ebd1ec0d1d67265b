/**
 * The share of an image that is a border of one colour: scans and product pictures have such
 * borders.
 */
import type { Pixels } from './pixels';

/** How far a channel may differ from that of the border's corner: JPEG leaves noise at edges. */
const TOLERANCE = 8;

/** 0 without a border, 1 for an image of one colour. */
export function uniformBorder({ data, width, height }: Pixels): number {
  const isUniform = (from: number, stride: number, count: number, corner: number): boolean => {
    for (let n = 0, at = from; n < count; n += 1, at += stride) {
      for (let channel = 0; channel < 3; channel += 1) {
        const difference = (data[3 * at + channel] ?? 0) - (data[3 * corner + channel] ?? 0);
        if (difference > TOLERANCE || difference < -TOLERANCE) return false;
      }
    }
    return true;
  };
  const last = width * height - 1;
  const isRow = (y: number, corner: number) => isUniform(y * width, 1, width, corner);
  let top = 0;
  while (top < height && isRow(top, 0)) top += 1;
  if (top === height) return 1;
  let bottom = height;
  while (isRow(bottom - 1, last)) bottom -= 1;
  // Two areas that meet are the picture, not its border.
  if (bottom === top) return 0;
  const isColumn = (x: number, corner: number) =>
    isUniform(top * width + x, width, bottom - top, corner);
  let left = 0;
  while (left < width && isColumn(left, 0)) left += 1;
  let right = width;
  while (right > left && isColumn(right - 1, last)) right -= 1;
  if (left === right) return 1 - (bottom - top) / height;
  return 1 - ((right - left) * (bottom - top)) / (width * height);
}
