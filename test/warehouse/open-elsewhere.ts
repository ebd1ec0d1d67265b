/**
 * Other programs that open a DuckDB file: a shell, or a writer that was killed and left its
 * write-ahead log.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Starts a process that opens `file`, runs `statements` without a checkpoint, and keeps the file
 * open until it is killed.
 */
export async function openElsewhere(
  file: string,
  statements: readonly string[],
  readOnly = false,
): Promise<ChildProcess> {
  const mode = readOnly ? 'READ_ONLY' : 'READ_WRITE';
  const script = `const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
    (async () => {
      const instance = await DuckDBInstance.create(${JSON.stringify(file)}, { access_mode: '${mode}', checkpoint_threshold: '1GB' });
      const connection = await instance.connect();
      for (const statement of ${JSON.stringify(statements)}) await connection.run(statement);
      process.stdout.write('done');
      setInterval(() => connection, 1000);
    })();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

export async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Leaves a write-ahead log beside `file` with each statement as a transaction. */
export async function leaveWal(file: string, statements: readonly string[]): Promise<void> {
  await killNow(await openElsewhere(file, statements));
}
