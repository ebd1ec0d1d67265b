/** Texts in CSV files, which people open in spreadsheet programs. */

/**
 * Spreadsheet programs evaluate a text that begins with one of these characters as a formula. An
 * apostrophe before it prevents that. Numbers are not texts, so a negative one stays as it is. The
 * expression means the same to JavaScript and to DuckDB.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export const FORMULA_START = String.raw`^[=+\-@\t\r\n＝＋－＠]`;
