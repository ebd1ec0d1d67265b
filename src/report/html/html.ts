/**
 * Markup of the report. Every text that enters it is escaped here, and nowhere else.
 */

/** Markup whose texts are escaped. Only {@link html} and {@link join} make it. */
export class Markup {
  private constructor(readonly text: string) {}

  /** @internal */
  static of(text: string): Markup {
    return new Markup(text);
  }
}

/** What may stand in a template: texts are escaped, markup is not. */
export type Part = Markup | string | number;

/** Characters with a meaning in HTML, in texts and in quoted attributes. */
const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Scripts whose spelling has invisible joiners inside of words, such as those of Persian and Hindi.
 */
const JOINING_SCRIPTS =
  'Arab Syrc Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr'.split(' ');

/**
 * An invisible joiner where it is spelt: inside a word of such a script, or of an emoji.
 *
 * @see https://www.unicode.org/reports/tr31/#Layout_and_Format_Control_Characters
 */
const SPELT_JOINER = [
  `(?<=[${JOINING_SCRIPTS.map((script) => `\\p{scx=${script}}`).join('')}])[\\u200C\\u200D](?=[\\p{L}\\p{M}])`,
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})',
].join('|');

/**
 * Characters that a reader would not see, or that change the direction of the text around them.
 * Tabs and line ends stay, and so do joiners that are spelt.
 */
const INVISIBLE = new RegExp(
  `(?![\\t\\n]|${SPELT_JOINER})[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]`,
  'gu',
);

/** Tag of a template whose values are escaped. Attributes must stand in quotation marks. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const rest = parts.map((part, index) => `${markupOf(part)}${fixed[index + 1] ?? ''}`);
  return Markup.of([fixed[0] ?? '', ...rest].join(''));
}

export function join(parts: readonly Markup[], separator = ''): Markup {
  return Markup.of(parts.map(({ text }) => text).join(separator));
}

export const NOTHING = Markup.of('');

/**
 * A text from outside: cut, and isolated, so that its direction does not change that of its
 * neighbours.
 *
 * @param most the most characters that are shown.
 */
export function foreign(text: string, most = 200): Markup {
  return html`<bdi>${cutText(text, most)}</bdi>`;
}

/** Cuts a text between characters. @param most the most characters that are kept. */
export function cutText(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 4 * most));
  const isCut = characters.length > most || text.length > 4 * most;
  return `${characters.slice(0, most).join('')}${isCut ? '…' : ''}`;
}

/** Characters that {@link visible} rewrites and that HTML can have as references. */
const REFERABLE = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The value of a field of a form, which the form sends back: escaped, and otherwise exactly as it
 * is. Invisible characters are references, so that a reader of the source sees them.
 */
export function exactly(value: string): Markup {
  return Markup.of(
    withoutSpecial(value).replace(
      REFERABLE,
      (one) => `&#x${(one.codePointAt(0) ?? 0).toString(16)};`,
    ),
  );
}

function markupOf(part: Part): string {
  return part instanceof Markup ? part.text : escaped(String(part));
}

function escaped(text: string): string {
  return visible(withoutSpecial(text));
}

function withoutSpecial(text: string): string {
  return text.replace(/[&<>"']/g, (character) => SPECIAL[character] ?? '');
}

/**
 * Writes an invisible character as its code point, because it could disguise a text as another one.
 */
export function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) =>
      `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`,
  );
}
