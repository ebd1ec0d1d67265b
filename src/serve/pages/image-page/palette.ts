/** The colours of a picture, each as wide as its share. */
import { z } from 'zod';
import { parseJson } from '../../../files/parse-json';
import { html, join, NOTHING, type Markup } from '../../../report/html/html';

const colours = z.array(
  z.object({ l: z.number(), a: z.number(), b: z.number(), share: z.number().min(0).max(1) }),
);
type Colour = z.infer<typeof colours>[number];

/** @param json the column `palette`, as JSON. */
export function paletteMarkup(json: string): Markup {
  const palette = parseJson(colours, json) ?? [];
  if (palette.length === 0) return NOTHING;
  let left = 0;
  const stripes = palette.map((colour) => {
    const width = Math.round(1_000 * colour.share) / 10;
    const stripe = html`<rect
      x="${left}"
      width="${width}"
      height="10"
      fill="${hexOf(colour)}"
    ></rect>`;
    left += width;
    return stripe;
  });
  const names = palette.map(
    (colour) =>
      html`<li>
        <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
          <rect width="10" height="10" fill="${hexOf(colour)}"></rect>
        </svg>
        <code>${hexOf(colour)}</code> ${percent(colour.share)}
      </li> `,
  );
  return html`<svg
      class="palette"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      ${join(stripes)}
    </svg>
    <ul class="swatches" aria-label="Colours and their shares of the picture">
      ${join(names)}
    </ul>`;
}

/** A share of a whole, 0 to 1, in words. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 1) return 'less than 1 %';
  return `${Math.round(value)} %`;
}

/**
 * The colour in sRGB, as `#rrggbb`.
 *
 * @see Björn Ottosson, "A perceptual color space for image processing", 2020.
 */
export function hexOf({ l, a, b }: Omit<Colour, 'share'>): string {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
  return `#${channels.map((value) => byteOf(value).toString(16).padStart(2, '0')).join('')}`;
}

/** Linear light as a value of sRGB. */
function byteOf(linear: number): number {
  const within = Math.max(0, Math.min(1, linear));
  const encoded = within <= 0.0031308 ? 12.92 * within : 1.055 * within ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}
