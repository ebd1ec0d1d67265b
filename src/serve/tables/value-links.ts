/** Where the values of a result lead: to images, to files, and to runs. */
import { imagesLink } from '../images/image-query';
import { imageLink } from '../pages/picture';
import { MOST_TABLE_CELL } from './snapshot-tables';

/** Names of columns with the ids of images, in tables of ours and usually in those of users. */
const IMAGE_ID = /(^|_)image_id$/;
const SHA256 = /(^|_)sha256$/;

/**
 * @param column the name of the column.
 * @param table the table of the column; absent for the result of a query.
 * @returns what makes the address of a value, or null for a value that leads nowhere; undefined for
 *   a column whose values lead nowhere.
 */
export function valueLinks(
  column: string,
  table?: string,
): ((value: string) => string | null) | undefined {
  // Rows that were rejected became no images.
  if (table === 'catalog_reject' && IMAGE_ID.test(column)) return undefined;
  if (IMAGE_ID.test(column))
    // A longer text may be the beginning of an id.
    return (value) => (value.length > MOST_TABLE_CELL ? null : imageLink(value));
  if (SHA256.test(column))
    return (value) =>
      /^[0-9a-f]{64}$/.test(value) ? imagesLink({ filters: { sha256: value } }) : null;
  if (column === 'run_id' || column === 'first_seen_run_id')
    return (value) => `/runs/${encodeURIComponent(value)}`;
  return undefined;
}
