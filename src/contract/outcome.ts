/** What happened to one image, and how a ledger records it. */

/** Image outcomes. `lost` is written only by `repair`. */
export type Outcome = 'stored' | 'not_modified' | 'failed' | 'lost';

/**
 * How certain it is that a stored file is good: decoded, decoded with warnings, or identified only
 * by its signature.
 */
export type Verdict = 'valid' | 'suspect' | 'unchecked';

/** Codes of failed images, apart from `http_<status>`. */
export const IMAGE_CODES = [
  'unexpected_status',
  'truncated',
  'too_large',
  'empty',
  'not_an_image',
  'type_not_allowed',
  'corrupt',
  'too_many_pixels',
  'decoder_crash',
  'decoder_timeout',
  'timeout',
  'connect',
  'dns',
  'tls',
  'protocol',
  'encoding',
  'redirect',
  'too_many_redirects',
  'scheme',
  'blocked_address',
  'path_conflict',
  'bad_url',
  'poison',
  // Used only by workers that set ARTEMIS_HONOR_ROBOTS_TAG.
  'robots_tag',
] as const;

/** Code of a failed image: one of {@link IMAGE_CODES} or `http_400` … `http_599`. */
export type ImageCode = (typeof IMAGE_CODES)[number] | `http_${number}`;

/**
 * One line of a ledger: the outcome for one image, as one JSON object in UTF-8 that ends with `\n`.
 * Unknown values are null, never absent. `width` and `height` are in pixels, and `at` is ISO 8601
 * UTC with milliseconds.
 *
 * @see docs/reference/files.md, "Ledger line".
 */
export interface LedgerLine {
  readonly v: 1;
  /** The catalog's id, verbatim. */
  readonly id: string;
  /** The first 32 hex digits of the sha256 of the URL (UTF-8, as in `dim_image.thumb_url`). */
  readonly urlHash: string;
  readonly outcome: Outcome;
  readonly code: ImageCode | null;
  readonly retryable: boolean;
  /** Relative to the data root, with `/`. */
  readonly path: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly format: string | null;
  readonly verdict: Verdict | null;
  readonly status: number | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly finalHost: string | null;
  /**
   * Requests sent for the image in this attempt; 0 for failures found without a request and for
   * further ids of a shared URL.
   */
  readonly requests: number;
  /** A short text without secrets and control characters, at most 500 bytes. */
  readonly detail: string | null;
  readonly lane: string;
  readonly execution: string;
  readonly dispatch: number;
  readonly attempt: number;
  readonly at: string;
}

/** The fields of a line whose image has no file. */
export const NO_FILE = {
  path: null,
  bytes: null,
  sha256: null,
  width: null,
  height: null,
  format: null,
  verdict: null,
} as const satisfies Partial<LedgerLine>;
