/** A value in a command that people copy: one word for a shell, whatever is in it. */

const HARMLESS = /^[\w.@%+:,/][\w.@%+=:,/-]*$/;

/** Would end the line, or be seen as something else than what is copied. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** **Source** POSIX.1-2024, 2.2 Quoting: nothing is special in single quotes; `$'…'` writes what cannot be seen. */
export function shellWord(text: string): string {
  if (HARMLESS.test(text)) return text;
  if (text.search(UNSEEN) === -1) return `'${text.replaceAll("'", "'\\''")}'`;
  const visible = text.replace(/['\\]/g, '\\$&').replace(UNSEEN, octal);
  return `$'${visible}'`;
}

/** Its UTF-8 bytes: `\u` is not everywhere known. */
function octal(character: string): string {
  return encodeURIComponent(character).replace(
    /%(..)/g,
    (_escape, hex: string) => `\\${parseInt(hex, 16).toString(8).padStart(3, '0')}`,
  );
}
