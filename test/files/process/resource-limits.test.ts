/** What a process with limits of the operating system cannot do, whatever it runs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { limitedExec } from '../../../src/files/process/resource-limits';

const MEMORY = { heapMb: 128, dataKib: 1_024 * 1_024 };

/** Sends what became of each way to write a file, one of them by DuckDB without any lock. */
const WRITER = `
const fs = require('node:fs');
const { DuckDBInstance } = require(process.argv[2]);
const [existing, created, copied] = process.argv.slice(3);
const attempt = async (work) => {
  try { await work(); return 'written'; } catch (error) { return error.code ?? error.message; }
};
(async () => {
  const inPlace = await attempt(() => fs.writeSync(fs.openSync(existing, 'r+'), 'x'));
  const asNew = await attempt(() => fs.writeFileSync(created, 'x'.repeat(5000)));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const byDuckdb = await attempt(() =>
    connection.run("COPY (FROM range(5000)) TO '" + copied + "' (USE_TMP_FILE false)"));
  process.send({ inPlace, asNew, byDuckdb }, () => process.exit(0));
})();
`;

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-limits-'));
  fs.writeFileSync(path.join(folder, 'existing'), 'as it was');
  fs.writeFileSync(path.join(folder, 'writer.cjs'), WRITER);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

async function attempts(fileBytes: number): Promise<unknown> {
  const words = ['existing', 'created', 'copied'].map((name) => path.join(folder, name));
  const driver = require.resolve('@duckdb/node-api');
  const child = fork(path.join(folder, 'writer.cjs'), [driver, ...words], {
    ...limitedExec({ ...MEMORY, fileBytes }),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [unknown];
  return message;
}

it('a process that may write no file changes none, not even by DuckDB', async () => {
  expect(await attempts(0)).toEqual({
    inPlace: 'EFBIG',
    asNew: 'EFBIG',
    byDuckdb: expect.stringContaining('File too large') as unknown,
  });
  expect(fs.readFileSync(path.join(folder, 'existing'), 'utf8')).toBe('as it was');
  expect(fs.statSync(path.join(folder, 'created')).size).toBe(0);
  expect(fs.existsSync(path.join(folder, 'copied'))).toBe(false);
});

it('a process with a limit writes no larger file', async () => {
  expect(await attempts(8_192)).toEqual({
    inPlace: 'written',
    asNew: 'written',
    byDuckdb: expect.stringContaining('File too large') as unknown,
  });
  expect(fs.statSync(path.join(folder, 'created')).size).toBe(5_000);
  expect(fs.existsSync(path.join(folder, 'copied'))).toBe(false);
});
