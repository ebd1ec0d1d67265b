/** What a run would do, as `run --dry-run` reports it. */
import type { CatalogCounts } from '../contract/catalog/catalog-counts';
import type { StepError } from '../contract/errors';
import type { MergeCatalogResult } from '../contract/payloads';

/** Requests to one host. */
export interface HostPreview {
  /** Empty for URLs that lead to no request. */
  readonly host: string;
  readonly requests: number;
  /** The least time that they take within the host's budget, in seconds. */
  readonly seconds: number;
  /** What they are expected to bring, in bytes; null when nothing is stored of this host yet. */
  readonly bytes: number | null;
}

export interface DownloadPreview {
  readonly images: number;
  /** Those of the images that need no request, because their URL has given a file before. */
  readonly linked: number;
  /** The host that takes longest first. */
  readonly hosts: readonly HostPreview[];
}

export interface RunPreview {
  /** Null for a run without the step `ingest`, like the differences. */
  readonly catalog: CatalogCounts | null;
  readonly change: Omit<MergeCatalogResult, 'lockHeldMs'> | null;
  /** Why the merge of the catalog would be refused; null when it would not. */
  readonly refusal: StepError | null;
  /** Null for a run without the step `download`. */
  readonly download: DownloadPreview | null;
}
