/** The parameters that all operations of the warehouse worker share. */
import type { Logger } from 'pino';
import type { Database } from './driver/database';
import type { RowNumbers } from './merge/row-numbers';
import type { WarehouseSchema } from './schema/warehouse-schema';

export interface WarehouseContext {
  readonly database: Database;
  readonly dataRoot: string;
  readonly log: Logger;
  readonly rowNumbers: RowNumbers;
  readonly schema: WarehouseSchema;
}
