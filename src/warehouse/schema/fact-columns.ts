/** The columns of `fact_download` that this program stages, and their values in a ledger line. */
import type { LedgerLine } from '../../contract/outcome';
import type { StagedColumn } from './staged-column';

/**
 * A ledger line as parsed: the fields that the parser checks, and others which a line of an older
 * or newer program may lack.
 */
export type MaybeLine = Partial<LedgerLine> & Pick<LedgerLine, 'id' | 'urlHash' | 'outcome'>;

/**
 * The staged columns of `fact_download`, which the numbered SQL files define. Their order is
 * irrelevant: rows are inserted by name, and a column of the table that is missing here gets its
 * default.
 */
export const FACT_COLUMNS: readonly StagedColumn<MaybeLine>[] = [
  { name: 'run_id', type: 'VARCHAR', valueOf: ({ runId }) => runId },
  { name: 'source_image_id', type: 'VARCHAR', valueOf: ({ line }) => line.id },
  { name: 'outcome', type: 'VARCHAR', valueOf: ({ line }) => line.outcome },
  { name: 'code', type: 'VARCHAR', valueOf: ({ line }) => line.code },
  { name: 'retryable', type: 'BOOLEAN', valueOf: ({ line }) => line.retryable },
  { name: 'path', type: 'VARCHAR', valueOf: ({ line }) => line.path },
  { name: 'bytes', type: 'BIGINT', valueOf: ({ line }) => line.bytes },
  { name: 'sha256', type: 'VARCHAR', valueOf: ({ line }) => line.sha256 },
  { name: 'width', type: 'INTEGER', valueOf: ({ line }) => line.width },
  { name: 'height', type: 'INTEGER', valueOf: ({ line }) => line.height },
  { name: 'format', type: 'VARCHAR', valueOf: ({ line }) => line.format },
  { name: 'verdict', type: 'VARCHAR', valueOf: ({ line }) => line.verdict },
  { name: 'status', type: 'INTEGER', valueOf: ({ line }) => line.status },
  { name: 'etag', type: 'VARCHAR', valueOf: ({ line }) => line.etag },
  { name: 'last_modified', type: 'VARCHAR', valueOf: ({ line }) => line.lastModified },
  { name: 'final_host', type: 'VARCHAR', valueOf: ({ line }) => line.finalHost },
  { name: 'request_count', type: 'INTEGER', valueOf: ({ line }) => line.requests },
  { name: 'detail', type: 'VARCHAR', valueOf: ({ line }) => line.detail },
  { name: 'url_hash', type: 'VARCHAR', valueOf: ({ line }) => line.urlHash },
  { name: 'ledger', type: 'VARCHAR', valueOf: ({ ledger }) => ledger },
  { name: 'line', type: 'BIGINT', valueOf: ({ number }) => number },
  { name: 'execution', type: 'VARCHAR', valueOf: ({ line }) => line.execution ?? '' },
  { name: 'dispatch', type: 'BIGINT', valueOf: ({ line }) => line.dispatch ?? 0 },
  { name: 'attempt', type: 'INTEGER', valueOf: ({ line }) => line.attempt ?? 0 },
  { name: 'recorded_at', type: 'TIMESTAMP', valueOf: ({ line }) => line.at },
];
