import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../src/duckdb/sql-text';
import {
  openLockedConnection,
  openLockedDatabase,
  type LockedConnection,
} from '../../src/processes/locked-database';

let base: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  base = mkdtempSync(path.join(os.tmpdir(), 'artemis-locked-'));
  const folder = mkdtempSync(path.join(base, "in'side-"));
  for (const name of ['secret.csv', 'named.csv']) writeFileSync(path.join(base, name), 'a\n1\n');
  symlinkSync(path.join(base, 'secret.csv'), path.join(folder, 'link.csv'));
  const files = [path.join(base, 'named.csv')];
  instance = await openLockedDatabase({ memory: '200MB', threads: 1, folder, files });
  connection = await instance.connect();
  inside = (name) => literal(path.join(folder, name));
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(base, { recursive: true, force: true });
});
let inside: (name: string) => string;

test('a locked database can read and write its folder, and can read a named file', async () => {
  await connection.run(`COPY (SELECT 1 AS a) TO ${inside('out.parquet')}`);
  const read = await connection.runAndReadAll(
    `SELECT a FROM read_parquet(${inside('out.parquet')})`,
  );
  expect(read.getRows()).toEqual([[1]]);
  await connection.run(`FROM read_csv(${literal(path.join(base, 'named.csv'))})`);
});

test('a locked database cannot read anything else, not even indirectly', async () => {
  const secret = literal(path.join(base, 'secret.csv'));
  for (const from of [
    `read_csv(${secret})`,
    `read_csv(${inside('../secret.csv')})`,
    `read_csv(${inside('link.csv')})`,
    `glob(${literal(`${base}/*`)})`,
    "read_text('/etc/passwd')",
    "read_csv('http://127.0.0.1:9/x.csv')",
  ]) {
    await expect(connection.run(`FROM ${from}`)).rejects.toThrow(/disabled by configuration/);
  }
});

test('a locked database cannot write, attach, install or set anything else', async () => {
  for (const sql of [
    `COPY (SELECT 1) TO ${literal(path.join(base, 'out.csv'))}`,
    `ATTACH ${literal(path.join(base, 'other.duckdb'))}`,
    'INSTALL httpfs',
    'LOAD httpfs',
    "SET memory_limit = '100GB'",
    'SET enable_external_access = true',
    "SET allowed_directories = ['/']",
  ]) {
    await expect(connection.run(sql)).rejects.toThrow(/configuration|external access/);
  }
});

describe('a locked connection with an attached file', () => {
  let attached: string;
  let open: LockedConnection;
  beforeAll(async () => {
    const folder = mkdtempSync(path.join(base, 'attached-'));
    attached = path.join(folder, 'snapshot.duckdb');
    const writer = await DuckDBInstance.create(attached);
    const writing = await writer.connect();
    await writing.run('CREATE TABLE image AS SELECT 7 AS n');
    writing.closeSync();
    writer.closeSync();
    open = await openLockedConnection({
      ...{ memory: '200MB', threads: 1, folder: path.join(folder, 'tmp'), files: [] },
      before: async (prepared) => {
        await prepared.run(`ATTACH ${literal(attached)} AS snapshot (READ_ONLY)`);
        await prepared.run("SET search_path = 'snapshot.main,memory.main'");
      },
    });
  });
  afterAll(() => {
    open.connection.closeSync();
    open.instance.closeSync();
  });

  test('keeps the settings that were made before, and cannot write to the file by its name', async () => {
    const read = await open.connection.runAndReadAll('FROM image');
    expect(read.getRows()).toEqual([[7]]);
    for (const sql of ['INSERT INTO image VALUES (8)', 'CREATE TABLE snapshot.x (n INTEGER)'])
      await expect(open.connection.run(sql)).rejects.toThrow(/read-only/);
    await expect(
      open.connection.run(`COPY (SELECT 1) TO ${literal(path.join(base, 'out.csv'))}`),
    ).rejects.toThrow(/disabled by configuration/);
  });

  test('can overwrite the file by COPY, so callers attach a copy and run SELECTs only', async () => {
    await open.connection.run(
      `COPY (SELECT 1) TO ${literal(attached)} (FORMAT csv, USE_TMP_FILE false)`,
    );
    expect(readFileSync(attached, 'utf8')).toBe('1\n1\n');
  });
});
