/** What the operations of the warehouse worker share. */
import type { Logger } from 'pino';
import type { Database } from './database';
import type { Migration } from './migrations';
import type { RowNumbers } from './row-numbers';

export interface WarehouseContext {
  readonly database: Database;
  readonly dataRoot: string;
  readonly log: Logger;
  readonly rowNumbers: RowNumbers;
  /** The schema's versions; the product's own when absent. */
  readonly migrations?: readonly Migration[];
}
