/** Keeps SQL that begins with a comment from being taken for an option. */

/** A comment of SQL: no option has a blank behind its hyphens, or a line break. */
const SQL_COMMENT = /^--(\s|[^\n]*\n)/;

/** The words of a command line, in which SQL after `query` begins with a blank. */
export function withSqlAsOperand(words: readonly string[]): readonly string[] {
  const command = words.indexOf('query');
  if (command === -1) return words;
  return words.map((word, index) =>
    index > command && SQL_COMMENT.test(word) ? ` ${word}` : word,
  );
}
