/** Another program that has the warehouse open, for example a DuckDB shell or a notebook. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface WarehouseHolder {
  readonly pid: number;
  close(): Promise<void>;
}

type Mode = 'READ_WRITE' | 'READ_ONLY';

/** Returns when the program has opened the warehouse. */
export function holdWarehouse(root: string, mode: Mode = 'READ_WRITE'): Promise<WarehouseHolder> {
  return holdDatabase(path.join(root, 'warehouse.duckdb'), mode);
}

/** The same for any DuckDB file. */
export async function holdDatabase(file: string, mode: Mode): Promise<WarehouseHolder> {
  const child = fork(path.join(__dirname, 'warehouse-holder-process.mjs'), [file, mode]);
  await once(child, 'message');
  // A test that fails before it closes the program must not keep the test run alive.
  child.unref();
  child.channel?.unref();
  return {
    pid: child.pid ?? 0,
    close: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
