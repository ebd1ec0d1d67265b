/**
 * Rows of Parquet files that SQL recognises as faultless, so that none of their cells passes
 * through JavaScript. `ImageRows` makes the rows of all other records, and the reasons for rejects.
 *
 * The expressions may be too strict, but never too generous. A property test compares the results
 * of both.
 */
import { LONGEST_ID } from '../image-id';
import { MOST_URLS, SUFFIX_LENGTH, URL_HASH_LENGTH, type WholeCells } from '../records/image-rows';

/** A text that is not blank and has no control characters. */
const PLAIN_ID = '[^\\pC]*[^\\pZ\\pC][^\\pC]*';
/** A URL that `trimUrl` does not change. White space inside it might separate two URLs. */
const PLAIN_URL = 'https?://[^\\pZ\\pC]+';
/** Where `splitUrls` might begin a second URL. */
const SECOND_URL = '(?:[^a-z0-9/=?#&:%._@+(-]|\\\\[nrt]|[#&:%@+]{2})https?://';

/** SQL expressions for the cells of one record as texts, and for its number from 1. */
export interface RecordSql {
  readonly record: string;
  readonly id: string;
  readonly url: string;
}

/** SQL expressions for the only row of a record. They are valid where `isPlain` is true. */
export interface PlainRowSql {
  readonly isPlain: string;
  /** As `StagedRow.row`. */
  readonly row: string;
  readonly id: string;
  readonly url: string;
  /** The record's own id; NULL where it is the row's id. */
  readonly object: string;
}

/** Describes the row that `ImageRows.rowsOf` gives for a record which is plain. */
export function plainRowSql(
  { idFrom, isInteger, isSuffixed }: WholeCells,
  { record, id, url }: RecordSql,
): PlainRowSql {
  const isPlainUrl = `regexp_full_match(${url}, '${PLAIN_URL}') AND NOT regexp_matches(${url}, '${SECOND_URL}', 'i')`;
  const row = `(${record} - 1) * ${MOST_URLS}`;
  if (idFrom === 'url') {
    const ofUrl = `left(sha256(${url}), ${URL_HASH_LENGTH})`;
    return { isPlain: isPlainUrl, row, id: ofUrl, url, object: 'NULL' };
  }
  const isPlainId = `regexp_full_match(${id}, '${PLAIN_ID}') AND strlen(${id}) <= ${LONGEST_ID}`;
  const filledUrl = `nullif(${url}, '')`;
  const isUrlPlain = `(${filledUrl} IS NULL OR (${isPlainUrl}))`;
  const whole = isInteger ? `regexp_replace(${id}, '^(-?\\d+)\\.0+$', '\\1')` : id;
  const object = idFrom === 'record' ? `(${record})::VARCHAR` : whole;
  const suffixed = `${object} || '#' || left(sha256(${filledUrl}), ${SUFFIX_LENGTH})`;
  return {
    isPlain: idFrom === 'record' ? isUrlPlain : `${isPlainId} AND ${isUrlPlain}`,
    row,
    id: isSuffixed ? `coalesce(${suffixed}, ${object})` : object,
    url: filledUrl,
    object: isSuffixed ? object : 'NULL',
  };
}
