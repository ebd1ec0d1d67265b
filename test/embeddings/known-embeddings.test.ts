/** What segments say of files, where a segment or the machine is the problem. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { loadKnown } from '../../src/embeddings/child/known-embeddings';

const ROWS = 400_000;

let folder: string;
let segment: string;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-known-'));
  segment = path.join(folder, 'whole.parquet');
  await withDatabase({}, (connection) =>
    connection.run(
      `COPY (SELECT sha256(n::VARCHAR) AS sha256, NULL::VARCHAR AS code FROM range(${ROWS}) t(n))
       TO '${segment}' (FORMAT parquet)`,
    ),
  );
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

async function withDatabase<T>(
  settings: Readonly<Record<string, string>>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  await connection.run("ATTACH ':memory:' AS snapshot");
  await connection.run(
    'CREATE TABLE snapshot.main.image (thumb_sha256 VARCHAR, thumb_path VARCHAR, state VARCHAR)',
  );
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

it('a damaged segment is named, and those after it are read', async () => {
  const damaged = path.join(folder, 'damaged.parquet');
  fs.writeFileSync(damaged, 'no Parquet');
  const rows = await withDatabase({}, async (connection) => {
    expect(await loadKnown(connection, [damaged, segment])).toEqual([damaged]);
    return connection.runAndReadAll('SELECT count(*)::INTEGER FROM memory.main.known');
  });
  expect(rows.getRows()).toEqual([[ROWS]]);
});

it('too little memory is no damage of a segment', async () => {
  const settings = { memory_limit: '12MB', threads: '1', temp_directory: '' };
  await expect(
    withDatabase(settings, (connection) => loadKnown(connection, [segment])),
  ).rejects.toMatchObject({
    code: 'db_memory',
    message: expect.stringContaining(segment) as string,
  });
});
