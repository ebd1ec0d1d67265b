/** The address of the page for SQL of users. */

/** The longest query, in UTF-16 units. */
export const MOST_SQL = 8_000;

/** The longest address of a query, in characters. */
export const MOST_SQL_ADDRESS = 12_000;

/** The address of the page for a query, which runs it. */
export function sqlLink(sql: string): string {
  return `/sql?q=${encodeURIComponent(sql)}`;
}

/** @returns the query with the address of its page, which a query that is too long has not. */
export function questionOf(sql: string): { readonly sql: string; readonly sqlPage?: string } {
  const sqlPage = sqlLink(sql);
  const isTooLong = sql.length > MOST_SQL || sqlPage.length > MOST_SQL_ADDRESS;
  return isTooLong ? { sql } : { sql, sqlPage };
}
