/**
 * Quotes a value in a command that users copy, so that a shell reads it as one word whatever it
 * contains.
 */

const HARMLESS = /^[\w.@%+:,/][\w.@%+=:,/-]*$/;

/** Characters that would end the line, or that a reader would not see. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Quotes a text: nothing is special in single quotes, and `$'…'` writes invisible characters.
 *
 * @see POSIX.1-2024, 2.2 Quoting
 */
export function shellWord(text: string): string {
  if (HARMLESS.test(text)) return text;
  if (text.search(INVISIBLE) === -1) return `'${text.replaceAll("'", "'\\''")}'`;
  const visible = text.replace(/['\\]/g, '\\$&').replace(INVISIBLE, octal);
  return `$'${visible}'`;
}

/** Quotes the path of a file. A command would take a name with a hyphen in front for an option. */
export function fileWord(path: string): string {
  return shellWord(path.startsWith('-') ? `./${path}` : path);
}

/** The character's UTF-8 bytes as octal escapes, because not every shell knows `\u`. */
function octal(character: string): string {
  return encodeURIComponent(character).replace(
    /%(..)/g,
    (_escape, hex: string) => `\\${parseInt(hex, 16).toString(8).padStart(3, '0')}`,
  );
}
