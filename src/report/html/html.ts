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
 * Characters that a reader would not see, or that change the direction of the text around them.
 * Tabs and line ends stay.
 */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

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

function markupOf(part: Part): string {
  return part instanceof Markup ? part.text : escaped(String(part));
}

function escaped(text: string): string {
  return visible(text.replace(/[&<>"']/g, (character) => SPECIAL[character] ?? ''));
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
