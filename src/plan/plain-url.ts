/**
 * URLs that SQL recognises as normalised, so that they need not be parsed one by one. Most URLs of
 * catalogs are such; `plannedUrl` parses the others.
 */

/** No hyphens at the ends or in a row, as in `xn--`, because names with these are processed. */
const LABEL = '[a-z0-9]+(?:-[a-z0-9]+)*';
/** A last label that begins with a digit may be a part of an IPv4 address. */
const LAST_LABEL = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
/** Characters that parsing leaves as they are, in the path and in the query. */
const KEPT = '[A-Za-z0-9/._~!$&()*+,;=:@%-]';
const PLAIN_URL = `https?://(?:${LABEL}\\.)*${LAST_LABEL}/${KEPT}*(?:\\?(?:${KEPT}|\\?)*)?`;
/** Segments of dots, also encoded ones, are removed from a path. */
const DOT_SEGMENT_STARTS = ['/.', '/%2'];
/** The longest label of a name, so that a shorter host has no label that is too long. */
const MAX_LABEL_LENGTH = 63;

/**
 * @param url an SQL expression.
 * @returns an SQL expression for the host key of the URL; null when the URL must be parsed.
 * @see plannedUrl, which gives the same host and the same URL.
 */
export function plainHostSql(url: string): string {
  const host = `split_part(${url}, '/', 3)`;
  const conditions = [
    `regexp_full_match(${url}, '${PLAIN_URL}')`,
    ...DOT_SEGMENT_STARTS.map((start) => `NOT contains(${url}, '${start}')`),
    `length(${host}) <= ${MAX_LABEL_LENGTH}`,
  ];
  return `CASE WHEN ${conditions.join(' AND ')} THEN ${host} END`;
}
