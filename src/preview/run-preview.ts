/** The types of what `run --dry-run` reports. */
import type { CatalogCounts } from '../contract/catalog/catalog-counts';
import type { StepError } from '../contract/errors';
import type { MergeCatalogResult } from '../contract/payloads';

/** The requests to one host. */
export interface HostPreview {
  /** Empty for URLs without a host, for which no request is sent. */
  readonly host: string;
  readonly requests: number;
  /** The least time in seconds that the requests take within the host's budget. */
  readonly seconds: number;
  /**
   * The number of bytes that the requests are expected to bring; null when nothing from this host
   * is stored yet.
   */
  readonly bytes: number | null;
}

export interface DownloadPreview {
  readonly images: number;
  /**
   * The number of images that need no request because a request for their URL has given a file
   * before.
   */
  readonly linked: number;
  /** Sorted by the time that they take, the longest first. */
  readonly hosts: readonly HostPreview[];
}

export interface RunPreview {
  /** Null, like the differences, for a run without the step `ingest`. */
  readonly catalog: CatalogCounts | null;
  readonly change: Omit<MergeCatalogResult, 'lockHeldMs'> | null;
  /** Why a run would refuse to merge the catalog; null when it would not. */
  readonly refusal: StepError | null;
  /** Null for a run without the step `download`. */
  readonly download: DownloadPreview | null;
}
