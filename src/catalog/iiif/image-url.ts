/**
 * URLs of the IIIF Image API, which serves an image in any size.
 *
 * @see https://iiif.io/api/image/3.0/#4-image-requests
 */

/** `{region}/{size}/{rotation}/{quality}.{format}` at the end of a URL. */
const REQUEST =
  /\/(full|square|\d+,\d+,\d+,\d+|pct:[\d.,]+)\/(\^?(?:max|full|pct:[\d.]+|!?\d*,\d*))\/(!?[\d.]+)\/(default|native|color|gr[ae]y|bitonal)\.(\w+)$/;

/** The base of an image service, and whether it is of version 1, 2 or 3 of the Image API. */
export interface ImageService {
  readonly id: string;
  readonly version: 1 | 2 | 3;
}

/**
 * The URL of an image in a size.
 *
 * @param given the URL in the manifest; null when it has only a service.
 * @param size undefined: the size that the manifest gives, or the largest one.
 * @returns null when the manifest has neither a URL nor a service; `given` when it has no service
 *   and is no URL of the Image API, so that it comes in one size.
 */
export function imageUrl(
  given: string | null,
  service: ImageService | null,
  size: string | undefined,
): string | null {
  if (given !== null && size === undefined) return given;
  if (given !== null && REQUEST.test(given))
    return given.replace(REQUEST, `/$1/${size ?? 'max'}/$3/$4.$5`);
  if (service === null) return given;
  const largest = service.version === 3 ? 'max' : 'full';
  const quality = service.version === 1 ? 'native' : 'default';
  return `${service.id.replace(/\/+$/, '')}/full/${size ?? largest}/0/${quality}.jpg`;
}
