/** The copy of the images of a snapshot that was published during a run, made in parts. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openLockedConnection } from '../../src/processes/locked-database';
import { copyImages } from '../../src/serve/child/copy-images';
import { restoreDataRoot, storedVersions } from '../warehouse/schema/stored-data-roots';
import { ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

const SNAPSHOT = 'warehouse.snapshot.duckdb';
const ORDER = 'collection NULLS FIRST, record, source_image_id';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

/** Runs the work over an attached snapshot, with the file that the copy is made in. */
async function withFiles<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const folder = fixture.path('copy');
  fs.mkdirSync(folder);
  const { instance, connection } = await openLockedConnection({
    ...{ memory: '256MB', threads: 1, folder, files: [] },
    before: async (opened) => {
      await opened.run(`ATTACH '${fixture.path(SNAPSHOT)}' AS snapshot (READ_ONLY)`);
      await opened.run(`ATTACH '${path.join(folder, 'copied.duckdb')}' AS copied`);
    },
  });
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rowsOf(connection: DuckDBConnection, sql: string) {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** Images of every state, with outcomes of several runs, URLs and kinds. */
async function publishEveryState(): Promise<void> {
  const images = (url: (n: number) => string) =>
    Array.from({ length: 30 }, (_, n) => ({ id: `id${n}`, url: n === 29 ? null : url(n) }));
  await fixture.merge(
    'r1',
    images((n) => `http://h/id${n}`),
  );
  const outcomes = ['stored', 'failed', 'stored', 'failed', 'stored'] as const;
  const lines = Array.from({ length: 25 }, (_, n) =>
    ledgerLine({ id: `id${n}`, outcome: outcomes[n % 5] ?? 'stored', retryable: n % 2 === 0 }),
  );
  fixture.append('r1', lines);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  const later = images((n) => (n < 4 ? `http://h/new${n}` : `http://h/id${n}`)).filter(
    (_, n) => n % 7 !== 6,
  );
  await fixture.merge('r2', later, { startedAt: '2026-01-02T00:00:00.000Z' });
  fixture.append('r2', [
    ledgerLine({ id: 'id5', outcome: 'not_modified', width: null, format: null }),
    ledgerLine({ id: 'id10', outcome: 'lost' }),
    ledgerLine({ id: 'id11', outcome: 'stored' }),
    ledgerLine({ id: 'id15', outcome: 'failed', code: 'http_500', retryable: true }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r2' });
  for (const [n, name] of ['Ämter', 'b', "o'c", 'z'].entries())
    await fixture.merge(`other${n}`, images((at) => `http://other/${at}`).slice(0, 2 + 4 * n), {
      ...{ startedAt: `2026-01-0${3 + n}T00:00:00.000Z`, collection: name },
    });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });
}

it.each([1, 4, 15, 1_000])(
  'has the rows and the order of the view, %i images a part',
  async (part) => {
    await publishEveryState();
    await withFiles(async (connection) => {
      await copyImages(connection, part);
      const expected = await rowsOf(connection, `FROM snapshot.main.image ORDER BY ${ORDER}`);
      expect(await rowsOf(connection, 'FROM copied.main.image ORDER BY rowid')).toEqual(expected);
      const states = new Set(expected.map(({ state }) => state));
      expect([...states].sort()).toEqual(['failed', 'no_url', 'pending', 'removed', 'stored']);
    });
  },
);

it.each(storedVersions())('can be made of version %i of the schema', async (version) => {
  fixture.remove();
  restoreDataRoot(version, fixture.root);
  fs.copyFileSync(fixture.path('warehouse.duckdb'), fixture.path(SNAPSHOT));
  await withFiles(async (connection) => {
    await copyImages(connection, 1);
    const columns = 'source_image_id, record, state, thumb_path, attempt_count';
    const of = (relation: string): Promise<object[]> =>
      rowsOf(connection, `SELECT ${columns} FROM ${relation} ORDER BY source_image_id`);
    expect(await of('copied.main.image')).toEqual(await of('snapshot.main.image'));
    expect(await of('copied.main.image')).not.toEqual([]);
  });
});
