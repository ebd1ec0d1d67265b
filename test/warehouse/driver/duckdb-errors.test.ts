/** Each kind of error, provoked: DuckDB has no codes, so its wording is what we rely on. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { literal } from '../../../src/warehouse/driver/database';
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

/** As the warehouse does: attached to an in-memory instance of the driver that is tested. */
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

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('nothing went wrong');
    },
    (error: unknown) => error,
  );
}

function codeOf(error: unknown): string | undefined {
  return asWarehouseError(error, 'do it')?.code;
}

/** Another process that opens the file, does `work`, and holds it until it is killed. */
async function startHolder(work = ''): Promise<ChildProcess> {
  const script = `const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
    (async () => {
      const instance = await DuckDBInstance.create(${JSON.stringify(file)});
      const connection = await instance.connect();
      ${work}
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

describe('an error of DuckDB’s', () => {
  it('another process holds the file: db_locked, with its pid and program', async () => {
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

  it('a file of something else: db_corrupt', async () => {
    fs.writeFileSync(file, 'not a database, but as long as one should be '.repeat(1_000));
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_corrupt');
  });

  it('a file that was cut: db_corrupt', async () => {
    fs.truncateSync(file, 6_000);
    expect(codeOf(await errorOf(run(file, 'SELECT sum(x) FROM t')))).toBe('db_corrupt');
  });

  it('a damaged block: db_corrupt', async () => {
    const descriptor = fs.openSync(file, 'r+');
    const { size } = fs.fstatSync(descriptor);
    for (let at = 12_288; at < size; at += 4_096) fs.writeSync(descriptor, 'damage', at + 100);
    fs.closeSync(descriptor);
    expect(codeOf(await errorOf(run(file, 'SELECT sum(x) FROM t')))).toBe('db_corrupt');
  });

  it('a file of a newer DuckDB: db_newer', async () => {
    patchStorageVersion(file, 99);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_newer');
  });

  it('a file of a DuckDB that nobody reads any more: not newer', async () => {
    patchStorageVersion(file, 51);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toBe('db_corrupt');
  });

  it('a damaged write-ahead log: db_wal_corrupt', async () => {
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

  it('too little memory: db_memory', async () => {
    const limits = {
      memory: '20MB',
      threads: 1,
      settings: "SET max_temp_directory_size = '0KB'",
    };
    const error = await errorOf(run(file, 'SELECT list(range) FROM range(20000000)', limits));
    expect(codeOf(error)).toBe('db_memory');
  });

  it('a folder in its place: not taken for a lock', async () => {
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(codeOf(await errorOf(run(file, 'SELECT 1')))).toMatch(/^(db_corrupt|disk_io)$/);
  });

  it('another process holds the file on Windows: db_locked, by the words that it has there', () => {
    // **Source** duckdb, src/common/local_file_system.cpp, with Windows's text of ERROR_SHARING_VIOLATION.
    const error = new Error(
      'IO Error: Cannot open file "C:\\data\\warehouse.duckdb": The process cannot access the file because it is being used by another process.\r\n',
    );
    expect(codeOf(error)).toBe('db_locked');
  });

  it('names in a message decide nothing: a folder may be called WAL', () => {
    const error = new Error(
      'IO Error: Could not write file "/data/WAL/checksum.duckdb": No space left on device',
    );
    expect(codeOf(error)).toBe('disk_full');
  });

  it('our own mistake: none of them', async () => {
    expect(codeOf(await errorOf(run(file, 'SELECT nothing FROM t')))).toBeUndefined();
  });
});
