/** Another program that wrote a DuckDB file and was killed: its write-ahead log is left. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Opens `file`, runs `statements` without a checkpoint, and holds it open until it is killed. `readOnly`: just looks. */
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

/** Each statement is a transaction of `file`'s log afterwards. */
export async function leaveWal(file: string, statements: readonly string[]): Promise<void> {
  await killNow(await openElsewhere(file, statements));
}
