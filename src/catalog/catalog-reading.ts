/** What a reader of one format works with. */
import type { ParseJob } from '../processes/process-messages';
import type { CatalogRows } from './catalog-rows';
import type { CatalogStaging } from './catalog-staging';
import type { ImageRows } from './records/image-rows';

export interface CatalogReading {
  /** Its `name` is that of the file. */
  readonly job: ParseJob;
  /** The file that is read: its real path. */
  readonly file: string;
  /** Number of the file, from 0. */
  readonly index: number;
  /** Takes the names of the columns. */
  readonly staging: CatalogStaging;
  /** Takes the records. */
  readonly rows: CatalogRows;
  /** Knows which columns the input asks for. */
  readonly imageRows: ImageRows;
}
