/** The result of a plan entry, as data: nothing is linked or recorded yet. */
import type { ImageCode } from '../../contract/outcome';
import type { TempFile } from '../../files/temp-file';
import type { SavedBody } from '../../http/save-body';
import type { ImageCheck } from '../../images/image-checker';
import type { FileFacts, LineTrace } from './outcome-line';

/** A body that was fetched, checked and found good. */
export interface StoredBody {
  readonly temp: TempFile;
  readonly body: SavedBody;
  readonly check: ImageCheck & { ok: true };
  /** A remark on the answer, or null. */
  readonly remark: string | null;
}

/** A file that was stored for another id with the same URL, in this run or in an earlier one. */
export interface SiblingFile {
  readonly facts: FileFacts;
  readonly detail: string | null;
  /** The server confirmed the file (304); it was not fetched. */
  readonly isConfirmed: boolean;
}

export interface FailedResult {
  readonly kind: 'failed';
  readonly code: ImageCode;
  readonly retryable: boolean;
  readonly detail: string;
}

export type EntryResult =
  | { readonly kind: 'stored'; readonly stored: StoredBody }
  | { readonly kind: 'sibling'; readonly sibling: SiblingFile }
  | { readonly kind: 'notModified' }
  | FailedResult;

export interface Resolved {
  readonly result: EntryResult;
  readonly trace: LineTrace;
}

/** Resolved, or left for the lane's next batch. */
export type Resolution = Resolved | 'deferred';
