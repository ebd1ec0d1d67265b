/** One word for the colour of an image, to sort and to filter by. */
import type { ColourWord, PaletteColour } from '../../contract/features/feature';

/** Below this chroma a colour has no hue that people would name. */
const MIN_CHROMA = 0.04;

/** Where the hues of OKLab end, in degrees; after the last one red begins again. */
const HUES: readonly (readonly [end: number, word: ColourWord])[] = [
  [15, 'pink'],
  [43, 'red'],
  [80, 'orange'],
  [120, 'yellow'],
  [165, 'green'],
  [220, 'cyan'],
  [280, 'blue'],
  [325, 'purple'],
  [360, 'pink'],
];

/**
 * Orange that is darker than this is called brown, and red or yellow nearly black counts as brown
 * too.
 */
const BROWN_BELOW = 0.6;

/**
 * The word with the largest share of the palette. Colours count before black, grey and white when
 * they cover at least a fifth of the image, because a picture on white paper is not white.
 */
export function colourWord(palette: readonly PaletteColour[]): ColourWord {
  const shares = new Map<ColourWord, number>();
  for (const colour of palette) {
    const word = wordOf(colour);
    shares.set(word, (shares.get(word) ?? 0) + colour.share);
  }
  const words = [...shares].sort(([, one], [, other]) => other - one);
  const coloured = words.find(([word, share]) => !isNeutral(word) && share >= 0.2);
  return (coloured ?? words[0])?.[0] ?? 'grey';
}

function isNeutral(word: ColourWord): boolean {
  return word === 'black' || word === 'grey' || word === 'white';
}

function wordOf({ l, a, b }: PaletteColour): ColourWord {
  if (l < 0.2) return 'black';
  if (Math.hypot(a, b) < MIN_CHROMA) return neutralWord(l);
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
  const word = HUES.find(([end]) => hue < end)?.[1] ?? 'pink';
  return word === 'orange' && l < BROWN_BELOW ? 'brown' : word;
}

function neutralWord(lightness: number): ColourWord {
  if (lightness < 0.3) return 'black';
  return lightness > 0.9 ? 'white' : 'grey';
}
