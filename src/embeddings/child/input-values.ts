/** The values of a model's input. */
import type { ModelSettings } from '../model-settings';

/** `rgb` is red, green and blue of each pixel, row by row. */
export function inputValues(
  rgb: Uint8Array,
  { layout, type, channels, mean = [0, 0, 0], std = [1, 1, 1] }: ModelSettings,
): Float32Array | Uint8Array {
  const values = type === 'uint8' ? new Uint8Array(rgb.length) : new Float32Array(rgb.length);
  const count = rgb.length / 3;
  for (let channel = 0; channel < 3; channel += 1) {
    const source = channels === 'RGB' ? channel : 2 - channel;
    const [shift, scale] = [mean[channel] ?? 0, std[channel] ?? 1];
    for (let pixel = 0; pixel < count; pixel += 1) {
      const value = rgb[3 * pixel + source] ?? 0;
      const at = layout === 'NCHW' ? channel * count + pixel : 3 * pixel + channel;
      values[at] = type === 'uint8' ? value : (value / 255 - shift) / scale;
    }
  }
  return values;
}
