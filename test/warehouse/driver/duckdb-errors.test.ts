/**
 * Provokes each kind of error. DuckDB has no error codes, so the classification relies on its
 * messages.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { literal } from '../../../src/duckdb/sql-text';
import { asWarehouseError, parseLockHolder } from '../../../src/warehouse/driver/duckdb-errors';
import { openDatabase } from '../../../src/warehouse/driver/open-database';
import { patchStorageVersion } from './storage-header';
import { database } from '../warehouse-fixture';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-errors-'));
  file = path.join(folder, 'w.duckdb');
  await run(file, 'CREATE TABLE t AS SELECT range AS x FROM range(100000)');
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/**
 * Runs SQL on a file that is attached to an in-memory instance of the driver under test, like the
 * warehouse does.
 */
async function run(
  attached: string,
  sql: string,
  { memory, threads, settings = 'SELECT 1' }: Limits = database,
): Promise<void> {
  const opened = await openDatabase({ ...database, memory, threads }, path.join(folder, 'spill'));
  try {
    await opened.run(settings);
    await opened.run(`ATTACH ${literal(attached)} AS w; USE w`);
    await opened.run(sql);
  } finally {
    await opened.close();
  }
}

interface Limits {
  readonly memory: string;
  readonly threads: number;
  readonly settings?: string;
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('nothing went wrong');
    },
    (error: unknown) => error,
  );
}

function codeOf(error: unknown): string | undefined {
  return asWarehouseError(error, 'do it', null)?.code;
}

/**
 * Starts another process that opens the file, runs statements, and keeps it open until it is
 * killed.
 */
async function startHolder(statements = ''): Promise<ChildProcess> {
  const script = `const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
    (async () => {
      const instance = await DuckDBInstance.create(${JSON.stringify(file)});
      const connection = await instance.connect();
      ${statements}
      process.stdout.write('held');
      setInterval(() => connection, 1000);
    })();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

describe('asWarehouseError', () => {
  it('reports a file that another process has open as db_locked, with its pid and program', async () => {
    const child = await startHolder();
    try {
      const error = await errorOf(run(file, 'SELECT 1'));
      expect(codeOf(error)).toBe('db_locked');
      expect(parseLockHolder(error)?.pid).toBe(child.pid);
      expect(parseLockHolder(error)?.program).toContain('node');
    } finally {
      await kill(child);
    }
    await run(file, 'SELECT 1');
  });

  it('reports a file that is no database as db_corrupt', async () => {
    fs.writeFileSync(file, 'not a database, but as long as one should be '.repeat(1_000));
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_corrupt');
  });

  it('reports a truncated file as db_corrupt', async () => {
    fs.truncateSync(file, 6_000);
    expect(codeOf(await errorOf(run(file, 'SELECT sum(x) FROM t')))).toBe('db_corrupt');
  });

  it('reports a damaged block as db_corrupt', async () => {
    const descriptor = fs.openSync(file, 'r+');
    const { size } = fs.fstatSync(descriptor);
    for (let at = 12_288; at < size; at += 4_096) fs.writeSync(descriptor, 'damage', at + 100);
    fs.closeSync(descriptor);
    expect(codeOf(await errorOf(run(file, 'SELECT sum(x) FROM t')))).toBe('db_corrupt');
  });

  it('reports a file of a newer DuckDB as db_newer', async () => {
    patchStorageVersion(file, 99);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_newer');
  });

  it('reports a file of an older DuckDB that is not supported any more as db_corrupt', async () => {
    patchStorageVersion(file, 51);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_corrupt');
  });

  it('reports a damaged write-ahead log as db_wal_corrupt', async () => {
    const child = await startHolder(
      `await connection.run("SET wal_autocheckpoint = '1GB'");
       await connection.run('INSERT INTO t SELECT range FROM range(5000)');`,
    );
    await kill(child);
    const bytes = fs.readFileSync(`${file}.wal`);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle);
    fs.writeFileSync(`${file}.wal`, bytes);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_wal_corrupt');
  });

  it('reports too little memory as db_memory', async () => {
    const limits = {
      memory: '20MB',
      threads: 1,
      settings: "SET max_temp_directory_size = '0KB'",
    };
    const error = await errorOf(run(file, 'SELECT list(range) FROM range(20000000)', limits));
    expect(codeOf(error)).toBe('db_memory');
  });

  it('reports too little memory for a COMMIT as db_memory', async () => {
    const limits = { memory: '24MB', threads: 1 };
    const keys = 'INSERT INTO k SELECT hash(i)::VARCHAR FROM range(300000) r(i)';
    const statements = `CREATE TABLE k (key VARCHAR PRIMARY KEY); BEGIN; ${keys}; COMMIT`;
    const error = await errorOf(run(file, statements, limits));
    expect(String(error)).toContain('Failed to commit');
    expect(codeOf(error)).toBe('db_memory');
  });

  it('does not report a folder that has its name as a lock', async () => {
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toMatch(/^(db_corrupt|disk_io)$/);
  });

  it('reports a file that another process has open on Windows as db_locked', () => {
    // The message of src/common/local_file_system.cpp in DuckDB, with the text that Windows has for
    // ERROR_SHARING_VIOLATION.
    const error = new Error(
      'IO Error: Cannot open file "C:\\data\\warehouse.duckdb": The process cannot access the file because it is being used by another process.\r\n',
    );
    expect(codeOf(error)).toBe('db_locked');
  });

  it('ignores names in a message: a folder may be called WAL', () => {
    const error = new Error(
      'IO Error: Could not write file "/data/WAL/checksum.duckdb": No space left on device',
    );
    expect(codeOf(error)).toBe('disk_full');
  });

  it('does not translate an error in our own SQL', async () => {
    expect(codeOf(await errorOf(run(file, 'SELECT nothing FROM t')))).toBeUndefined();
  });
});
