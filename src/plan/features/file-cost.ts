/** What the features of a file cost, as an estimate before they are computed. */

/** CPU time in milliseconds. Pixels and bytes are those of the whole file, which is decoded. */
interface DecodingCost {
  readonly perMegapixel: number;
  readonly perMegabyte: number;
}

/**
 * Measured with sharp 0.35 on files of 0.1 to 27 megapixels, of little and much grain: most are
 * within a factor of two. A progressive JPEG takes three times as long as another one.
 */
const COSTS = {
  jpeg: { perMegapixel: 4, perMegabyte: 10 },
  webp: { perMegapixel: 21, perMegabyte: 95 },
  png: { perMegapixel: 10, perMegabyte: 4.5 },
  gif: { perMegapixel: 15, perMegabyte: 0 },
  tiff: { perMegapixel: 8, perMegabyte: 0 },
  avif: { perMegapixel: 75, perMegabyte: 0 },
} as const satisfies Record<string, DecodingCost>;

/** Features are computed of 512 pixels a side at most: 0.2 megapixels of a usual shape. */
const FEATURES = '2.5 + 35 * least(megapixels, 0.2)';

/**
 * SQL of the CPU time of a file in milliseconds, from the columns `format`, `megapixels` and
 * `megabytes`. A file without a format costs what a PNG does.
 */
export const FILE_MS = `${FEATURES} + ${costSql('perMegapixel')} * megapixels + ${costSql('perMegabyte')} * megabytes`;

function costSql(cost: keyof DecodingCost): string {
  const cases = Object.entries(COSTS).map(
    ([format, costs]) => `WHEN '${format}' THEN ${costs[cost]}`,
  );
  return `CASE format ${cases.join(' ')} ELSE ${COSTS.png[cost]} END`;
}
