/** Texts in CSV files, which people open in spreadsheet programs. */

/**
 * Spreadsheet programs evaluate a text that begins with one of these characters as a formula. An
 * apostrophe before it prevents that. Numbers are not texts, so a negative one stays as it is.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = String.raw`^[=+\-@\t\r\n＝＋－＠]`;

/**
 * @param expression an SQL expression with a text as its value.
 * @returns the expression of the same text, or of one that no program evaluates.
 */
export function harmlessText(expression: string): string {
  return `CASE WHEN regexp_matches(${expression}, '${FORMULA}') THEN concat('''', ${expression}) ELSE ${expression} END`;
}
