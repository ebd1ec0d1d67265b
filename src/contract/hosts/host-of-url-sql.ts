/**
 * The host of a URL in SQL. The models of the package contain the same expression, because they
 * are files of SQL alone; `test/contract/hosts/host-of-url-sql.test.ts` compares them.
 */

/**
 * The host in lower case, with the port where the URL has one, and without a user name and a
 * password. These end at the last `@` before the path, as in the URL Standard.
 *
 * @param url an SQL expression.
 * @returns an SQL expression, which gives an empty text for what is no URL.
 */
export function hostOfUrlSql(url: string): string {
  return String.raw`lower(regexp_extract(${url}, '://(?:[^/?#\\]*@)?([^/?#\\]*)', 1))`;
}
