/**
 * Compares docs/reference/warehouse.md with DESCRIBE of every table and view of real warehouses and
 * snapshots.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import sharp from 'sharp';
import { findClusters } from '../../src/clusters/find-clusters';
import { checkEmbeddingModel, computeEmbeddings } from '../../src/embeddings/compute-embeddings';
import { ensureDirectory } from '../../src/files/directories';
import { writeMeansModel } from '../helpers/images/tiny-onnx';
import { database, ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';
import { namesOf, readReferencePage } from './reference-page';

type Kind = 'table' | 'view';

interface Relation {
  readonly kind: Kind;
  /** Each column as `name type`, with NOT NULL if the column has it, in order. */
  readonly columns: readonly string[];
}

type Relations = Readonly<Record<string, Relation>>;

const page = readReferencePage('warehouse.md');
const list = page.table('Tables and views');

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

/** What the page contains. `catalogColumns` take the place of `<column>`. */
function documented(where: string, catalogColumns: readonly string[]): Relations {
  return Object.fromEntries(
    list.map((row) => {
      const [name = ''] = namesOf([row]);
      return [name, { kind: row[where] as Kind, columns: columnsOf(name, catalogColumns) }];
    }),
  );
}

function columnsOf(name: string, catalogColumns: readonly string[]): readonly string[] {
  return page.table(name).flatMap((row) => {
    const [column = ''] = namesOf([row]);
    const names = column === '<column>' ? catalogColumns : [column];
    return names.map((one) => `${one} ${row.Type ?? ''}`);
  });
}

/** What the page says of derived tables. The model of this test gives three numbers. */
function documentedTables(names: readonly string[]): Relations {
  return Object.fromEntries(
    names.map((name) => [
      name,
      { kind: 'table', columns: columnsOf(name, []).map((one) => one.replace('[n]', '[3]')) },
    ]),
  );
}

/** DuckDB's copy of a table has no constraints. */
function withoutConstraints(relations: Relations): Relations {
  return Object.fromEntries(
    Object.entries(relations).map(([name, { kind, columns }]) => [
      name,
      { kind, columns: columns.map((one) => one.replace(' NOT NULL', '')) },
    ]),
  );
}

async function describeFile(file: string): Promise<Relations> {
  const instance = await DuckDBInstance.create(fixture.path(file), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const relations = await rows(
    `SELECT table_name AS name, 'table' AS kind FROM duckdb_tables() WHERE NOT internal
     UNION ALL SELECT view_name, 'view' FROM duckdb_views() WHERE NOT internal`,
  );
  const described: Record<string, Relation> = {};
  for (const { name, kind } of relations) {
    const columns = (await rows(`DESCRIBE "${String(name)}"`)).map(
      (column) =>
        `${String(column.column_name)} ${String(column.column_type)}${column.null === 'NO' ? ' NOT NULL' : ''}`,
    );
    described[String(name)] = { kind: kind as Kind, columns };
  }
  connection.closeSync();
  instance.closeSync();
  return described;
}

/** Publishes a collection of one image, whose file is there. */
async function publishStoredImage(): Promise<void> {
  const create = { width: 40, height: 40, channels: 3, background: '#fff' } as const;
  const bytes = await sharp({ create }).png().toBuffer();
  const relative = 'raw/images/thumbs/white.png';
  ensureDirectory(path.dirname(fixture.path(relative)));
  fs.writeFileSync(fixture.path(relative), bytes);
  await fixture.merge('r1', [{ id: 'white', url: 'http://h/white' }]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  fixture.append('r1', [ledgerLine({ id: 'white', path: relative, sha256, bytes: bytes.length })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

/** Publishes the collection of a run with an image in each state. */
async function publishEveryState(): Promise<void> {
  const images = ['stored', 'failed', 'pending', 'removed'].map((id) => ({
    id,
    url: `http://h/${id}`,
  }));
  await fixture.merge('r1', [...images, { id: 'no_url', url: null }]);
  fixture.append('r1', [
    ledgerLine({ id: 'stored' }),
    ledgerLine({ id: 'failed', outcome: 'failed' }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  const left = [...images.filter(({ id }) => id !== 'removed'), { id: 'no_url', url: null }];
  await fixture.merge('r2', left, { startedAt: '2026-01-02T00:00:00.000Z', maxRemoved: 1 });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

describe('the reference of the warehouse', () => {
  it('lists every column of a fresh warehouse and of its snapshot, and no other', async () => {
    await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });
    const expected = documented('In the warehouse', []);
    expect(await describeFile('warehouse.duckdb')).toEqual(expected);
    expect(await describeFile('warehouse.snapshot.duckdb')).toEqual(expected);
  });

  it('lists every column after a run, with those of the catalog, and no other', async () => {
    await publishEveryState();
    expect(await describeFile('warehouse.duckdb')).toEqual(
      documented('In the warehouse', ['title']),
    );
    expect(await describeFile('warehouse.snapshot.duckdb')).toEqual(
      documented('In the last snapshot of a run', ['title']),
    );
  });

  it('lists every column of the derived tables, and no other', async () => {
    await publishStoredImage();
    const { root } = fixture;
    const target = (kind: string): string => fixture.path('derived', `${kind}.duckdb`);
    ensureDirectory(fixture.path('derived'));
    await findClusters({ dataRoot: root, runId: 'r1', database, target: target('clusters') });
    const file = writeMeansModel(fixture.path('model'));
    const { version } = await checkEmbeddingModel({ dataRoot: root, file });
    await computeEmbeddings({
      ...{ dataRoot: root, runId: 'r1', after: null, timeBoxSeconds: 60, pixels: 1e6 },
      ...{ database, file, version, target: target('embeddings') },
    });
    const groups = documentedTables(['cluster', 'cluster_member', 'derived_from']);
    const embeddings = documentedTables(['embedding', 'derived_from']);
    expect(await describeFile('derived/clusters.duckdb')).toEqual(groups);
    expect(await describeFile('derived/embeddings.duckdb')).toEqual(embeddings);
    await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
    expect(await describeFile('warehouse.snapshot.duckdb')).toMatchObject(
      withoutConstraints({ ...groups, ...embeddings }),
    );
  });

  it('lists every state of an image, and no other', async () => {
    await publishEveryState();
    const states = namesOf(page.table('States of an image'));
    const rows = await fixture.ask('SELECT source_image_id AS id, state FROM image_state');
    expect(rows.filter(({ id, state }) => id !== state)).toEqual([]);
    expect(rows.map(({ state }) => String(state)).sort()).toEqual([...states].sort());
  });

  it('has queries that the snapshot answers', async () => {
    await publishEveryState();
    const queries = [...page.section('Queries').matchAll(/```sql\n([\s\S]*?)```/g)];
    expect(queries.length).toBeGreaterThan(0);
    for (const [, sql = ''] of queries)
      await expect(fixture.ask(sql)).resolves.toBeInstanceOf(Array);
  });
});
