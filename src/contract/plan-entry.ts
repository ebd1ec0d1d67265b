/**
 * The types of the plan on disk, `runs/<runId>/plan/`. The workflow reads its pages, and batches
 * read entries. Schema, writer and readers are in `plan/`.
 */

import type { Verdict } from './outcome';

/** A recorded file that a conditional request may confirm (`select: all`). */
export interface RecordedFile {
  /** Relative to the data root. */
  readonly path: string;
  readonly sha256: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/**
 * A file that an image with the same URL has, possibly under another id. A copy of it needs no
 * request. Sizes are in bytes and in pixels, and unknown values are null.
 */
export interface StoredFile extends RecordedFile {
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly format: string | null;
  readonly verdict: Verdict | null;
}

/** One image of a plan entry. */
export interface PlannedImage {
  readonly id: string;
  /**
   * The hash of `thumb_url` as the catalog has it, and not of the normalised URL. The ledger line
   * has the same hash.
   */
  readonly urlHash: string;
  readonly file: RecordedFile | null;
}

/**
 * One line of `plan/lanes/<lane>.ndjson`, which stands for one request. Each id gets its own file
 * and its own ledger line. `url` is normalised by the WHATWG URL Standard and has no fragment. It
 * is the catalog's text if that cannot be parsed, and the image then fails with `bad_url`.
 */
export interface PlanEntry {
  readonly url: string;
  /** Absent unless a request for the URL has given a file before. */
  readonly stored?: StoredFile;
  readonly ids: readonly PlannedImage[];
}

/** The file name of an index page below `plan/`. Its content is `{ "lanes": Lane[] }`. */
export function planPageName(page: number): string {
  return `index-${String(page).padStart(5, '0')}.json`;
}

/** The file name of a lane's entries below `plan/`. */
export function laneFileName(lane: string): string {
  return `lanes/${lane}.ndjson`;
}

/**
 * A host key as budgets, limits and waits use it: `name`, or `name:port` where the port is not the
 * scheme's own.
 */
export function hostKey(url: URL): string {
  return url.host;
}
