/**
 * OKLab: a colour space in which equal distances look equal.
 *
 * @see Björn Ottosson, "A perceptual color space for image processing", 2020.
 */

/** sRGB from 0 to 255 as linear light. */
const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return value <= 10 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/**
 * Lightness (0 to 1), green to red, and blue to yellow of each of the colours, which are red,
 * green, blue.
 */
export function oklabOf(colours: Uint8Array): Float64Array {
  const lab = new Float64Array(colours.length);
  for (let at = 0; at < colours.length; at += 3) {
    const red = LINEAR[colours[at] ?? 0] ?? 0;
    const green = LINEAR[colours[at + 1] ?? 0] ?? 0;
    const blue = LINEAR[colours[at + 2] ?? 0] ?? 0;
    const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    lab[at] = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
    lab[at + 1] = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
    lab[at + 2] = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  }
  return lab;
}
