/**
 * Files that a host sends instead of many of its images, such as a picture that says "no image
 * available".
 */

/** One file that many URLs of one host gave. */
export interface Placeholder {
  readonly host: string;
  readonly sha256: string;
  /** Stored images of the host that have this file. */
  readonly images: number;
  /** Their URLs. */
  readonly urls: number;
  /** All stored images of the host. */
  readonly of: number;
}

/** From this number of different URLs on, one file counts as a placeholder. */
export const LEAST_URLS = 10;

/** And from this share of the stored images of a host on. */
export const LEAST_SHARE = 0.01;

/** What users read about one of them. */
export function placeholderSentence({ host, images, urls, of }: Placeholder): string {
  return `${host}: ${images} of ${of} stored images, from ${urls} URLs, are the same file. Is it a placeholder?`;
}

/** The query that lists the images which have one of these files. */
export function placeholdersQuery(placeholders: readonly Placeholder[]): string {
  const files = [...new Set(placeholders.map(({ sha256 }) => `'${sha256}'`))].join(', ');
  return `SELECT source_image_id, thumb_url, thumb_path FROM image WHERE state = 'stored' AND thumb_sha256 IN (${files}) ORDER BY thumb_sha256, record`;
}
