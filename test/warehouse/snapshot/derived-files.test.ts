import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DerivedFile, DerivedKind } from '../../../src/contract/derived/derived-file';
import type { PublishSnapshotResult } from '../../../src/contract/payloads';
import { createLogger } from '../../../src/log';
import { rebuildWarehouse } from '../../../src/warehouse/rebuild/rebuild-warehouse';
import { holdDatabase } from '../../helpers/programs/warehouse-holder';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
});
afterEach(() => {
  fixture.remove();
});

/** Writes `tmp/<name>.duckdb` with a table and its row of `derived_from`. */
async function compute(
  kind: DerivedKind,
  table: string,
  { name, select, runId = 'r1' }: { name: string; select: string; runId?: string },
): Promise<DerivedFile> {
  const path = `tmp/${name}.duckdb`;
  mkdirSync(fixture.path('tmp'), { recursive: true });
  const instance = await DuckDBInstance.create(fixture.path(path));
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE "${table}" AS ${select}`);
  await connection.run(
    `CREATE TABLE derived_from AS SELECT '${table}' AS table_name, '${runId}' AS run_id,
       'f-${name}' AS fingerprint, TIMESTAMP '2026-01-01 10:00:00' AS computed_at`,
  );
  connection.closeSync();
  instance.closeSync();
  const sha256 = createHash('sha256')
    .update(readFileSync(fixture.path(path)))
    .digest('hex');
  return { kind, path, sha256 };
}

function publish(
  derived?: readonly DerivedFile[],
  materialise = false,
): Promise<PublishSnapshotResult> {
  return fixture.warehouse.publishSnapshot({
    warehouseId: 'w',
    record: null,
    materialise,
    ...(derived === undefined ? {} : { derived }),
  });
}

const clusters = (name = 'one', select = 'SELECT 1 AS n'): Promise<DerivedFile> =>
  compute('clusters', 'cluster', { name, select });

describe('derived files', () => {
  it('are merged into the snapshot by the publication that installs them', async () => {
    const models = await compute('models', 'by_host', { name: 'two', select: 'SELECT 2 AS n' });
    const result = await publish([await clusters(), models], true);
    expect(result.derivedProblems).toBeUndefined();
    expect(await fixture.ask('SELECT c.n AS c, b.n AS b FROM cluster c, by_host b')).toEqual([
      { c: 1, b: 2 },
    ]);
    expect(await fixture.ask('FROM derived_from ORDER BY table_name')).toEqual([
      {
        table_name: 'by_host',
        run_id: 'r1',
        fingerprint: 'f-two',
        computed_at: '2026-01-01 10:00:00',
      },
      {
        table_name: 'cluster',
        run_id: 'r1',
        fingerprint: 'f-one',
        computed_at: '2026-01-01 10:00:00',
      },
    ]);
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  });

  it('are in later publications, which name no derived files', async () => {
    await publish([await clusters()]);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
    await publish();
    expect(
      await fixture.ask('SELECT n, (SELECT count(*) FROM fact_download) AS f FROM cluster'),
    ).toEqual([{ n: 1, f: 1 }]);
  });

  it('that change are published although the warehouse has not changed', async () => {
    await publish([await clusters()]);
    await publish([await clusters('two', 'SELECT 2 AS n')]);
    expect(await fixture.ask('FROM cluster')).toEqual([{ n: 2 }]);
    expect(await fixture.ask('SELECT fingerprint FROM derived_from')).toEqual([
      { fingerprint: 'f-two' },
    ]);
    const { ino } = statSync(fixture.path('warehouse.snapshot.duckdb'));
    await publish();
    expect(statSync(fixture.path('warehouse.snapshot.duckdb')).ino).toBe(ino);
  });

  it('are installed once when a publication is repeated', async () => {
    const file = await clusters();
    await publish([file]);
    expect((await publish([file])).derivedProblems).toBeUndefined();
    expect(await fixture.ask('FROM cluster')).toEqual([{ n: 1 }]);
  });

  it('of a late attempt do not replace what another run has installed since', async () => {
    const late = await clusters();
    await publish([late]);
    await publish([await clusters('two', 'SELECT 2 AS n')]);
    expect((await publish([late])).derivedProblems).toEqual([
      {
        kind: 'clusters',
        detail: 'tmp/one.duckdb is missing, so derived/clusters.duckdb was not replaced',
      },
    ]);
    expect(await fixture.ask('FROM cluster')).toEqual([{ n: 2 }]);
  });

  it('that changed after they were computed are quarantined, and the former ones stay', async () => {
    await publish([await clusters()]);
    const changed = await clusters('two', 'SELECT 2 AS n');
    appendFileSync(fixture.path(changed.path), 'more');
    const { derivedProblems } = await publish([changed]);
    expect(derivedProblems?.[0]?.detail).toMatch(/^tmp\/two.duckdb has changed .* quarantine\/two/);
    expect(await fixture.ask('FROM cluster')).toEqual([{ n: 1 }]);
  });
});

describe('a derived file that cannot be merged', () => {
  const installed = (kind: DerivedKind): string => fixture.path('derived', `${kind}.duckdb`);

  /** The next publication leaves out the clusters, and only them. */
  async function expectLeftOut(): Promise<void> {
    const { derivedProblems, counts } = await publish();
    expect(counts.images).toBe(1);
    expect(derivedProblems?.[0]?.detail).toMatch(
      /^derived\/clusters.duckdb could not be merged and is now quarantine\/clusters.duckdb\./,
    );
    expect(existsSync(installed('clusters'))).toBe(false);
    expect(await fixture.ask('SELECT table_name FROM derived_from')).toEqual([
      { table_name: 'by_host' },
    ]);
    expect(await fixture.ask('FROM by_host')).toEqual([{ n: 2 }]);
    await expect(fixture.ask('FROM cluster')).rejects.toThrow(/does not exist/);
    expect((await publish()).derivedProblems).toBeUndefined();
  }

  beforeEach(async () => {
    const models = await compute('models', 'by_host', { name: 'two', select: 'SELECT 2 AS n' });
    const select = 'SELECT n, hash(n) AS h FROM range(300000) r(n)';
    await publish([await clusters('one', select), models]);
  });

  it('stays, and is left out, while another program has it open for writing', async () => {
    const holder = await holdDatabase(installed('clusters'), 'READ_WRITE');
    // The other kind makes this publication necessary.
    const select = 'SELECT 3 AS n';
    const models = await compute('models', 'by_host', { name: 'three', select });
    const { derivedProblems } = await publish([models]);
    expect(derivedProblems).toMatchObject([
      { kind: 'clusters', detail: expect.stringMatching(/another program writes to it/) as string },
    ]);
    await holder.close();
    expect(existsSync(installed('clusters'))).toBe(true);
    expect(await fixture.ask('FROM by_host')).toEqual([{ n: 3 }]);
    expect((await publish()).derivedProblems).toBeUndefined();
    expect(await fixture.ask('SELECT count(*)::INT AS n FROM cluster')).toEqual([{ n: 300_000 }]);
  });

  it('is left out when it is no database', async () => {
    writeFileSync(installed('clusters'), 'no database');
    await expectLeftOut();
  });

  it('is left out when it is cut off', async () => {
    truncateSync(installed('clusters'), Math.trunc(statSync(installed('clusters')).size / 2));
    await expectLeftOut();
  });

  it('is left out when a block of it is damaged', async () => {
    const bytes = readFileSync(installed('clusters'));
    bytes.fill(0x5a, Math.trunc(bytes.length / 2), Math.trunc(bytes.length / 2) + 4_096);
    writeFileSync(installed('clusters'), bytes);
    await expectLeftOut();
  });

  it('is left out when a write-ahead log lies beside it', async () => {
    writeFileSync(`${installed('clusters')}.wal`, 'log');
    await expectLeftOut();
    expect(existsSync(`${installed('clusters')}.wal`)).toBe(false);
  });

  it('is left out whole when one of its tables has the name of a table of ours', async () => {
    const select = 'SELECT 1 AS n';
    const { derivedProblems } = await publish([
      await compute('clusters', 'image_state', { name: 'three', select }),
    ]);
    expect(derivedProblems?.[0]?.detail).toMatch(/could not be merged/);
    expect(await fixture.ask('SELECT count(*) AS n FROM image_state')).toEqual([{ n: 1 }]);
    expect(await fixture.ask('SELECT table_name FROM derived_from')).toEqual([
      { table_name: 'by_host' },
    ]);
  });
});

describe('a rebuild', () => {
  it('keeps derived files, and publishes them', async () => {
    await publish([await clusters()]);
    await rebuildWarehouse({
      dataRoot: fixture.root,
      database,
      log: createLogger({ level: 'silent', pretty: false }),
      onStage: () => undefined,
    });
    expect(await fixture.ask('FROM cluster')).toEqual([{ n: 1 }]);
  });
});
