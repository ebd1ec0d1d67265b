/** What a reader of one format works with. */
import type { RejectCode } from '../contract/catalog/reject-codes';
import type { ParseJob } from '../processes/process-messages';
import type { ColumnList } from './column-list';
import type { CsvLayout } from './csv/choose-dialect';
import type { CatalogRecord, RowPlace } from './records/catalog-record';
import type { ImageRows } from './records/image-rows';

/** Thrown through a reader by a sink that needs no more records. */
export class ReadingEnded extends Error {
  override readonly name = 'ReadingEnded';
}

/** Takes the records of a catalog. */
export interface RecordSink {
  /** Why the first rejected row was rejected, as a text; null while no row was. */
  readonly firstProblem: string | null;
  /** The place of the next record. */
  next(line: number | null): RowPlace;
  /** Takes a record. The caller must wait when it returns a promise. */
  take(record: CatalogRecord): Promise<void> | undefined;
  /** @param id of the rejected record, where it is known. */
  reject(place: RowPlace, code: RejectCode, cause: string, id?: string): void;
  /** Rejects a record whose bytes are not valid in the encoding in which the catalog is read. */
  rejectEncoding(place: RowPlace, encoding: string): void;
}

export interface CatalogReading {
  /** The job of the process. Its `name` is that of the file that is read. */
  readonly job: ParseJob;
  /** The file that is read: its real path. */
  readonly file: string;
  /** Number of the file, from 0. */
  readonly index: number;
  /** Takes the names of the columns. */
  readonly staging: ColumnList;
  /** Takes the records. */
  readonly rows: RecordSink;
  /** Knows which columns the input asks for. */
  readonly imageRows: ImageRows;
  /** Of the file: see PackedFile. */
  readonly onRest?: (bytes: number) => void;
  /** Called with how the fields of a CSV or TSV file are separated. */
  readonly onLayout?: (layout: CsvLayout) => void;
  /** Called when the first record of a JSON file is an array that names the columns. */
  readonly onArrayHeader?: () => void;
}
