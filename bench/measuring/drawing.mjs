import sharp from 'sharp';

/** Clouds with grain: what photographs cost to decode, more or less. */
export function drawing(width, height, channels, seed) {
  let state = seed;
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at += 1) {
    const pixel = Math.floor(at / channels);
    const [x, y] = [pixel % width, pixel / width];
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const wave = Math.sin(x / (40 + seed)) + Math.cos(y / (25 + seed)) + Math.sin((x + y) / 9);
    pixels[at] = 128 + 30 * wave + ((state >>> 16) % 17) - 8;
  }
  return sharp(pixels, { raw: { width, height, channels } });
}
