/** How `serve` follows the published snapshot. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { tempName } from '../../src/files/temp-names';
import { openLockedConnection } from '../../src/processes/locked-database';
import { copyViews } from '../../src/serve/snapshot/copy-views';
import { SnapshotFollower } from '../../src/serve/snapshot/snapshot-follower';
import { ImageLists } from '../../src/serve/images/image-lists';
import { ALL_IMAGES } from '../../src/serve/images/image-query';
import type { OpenSnapshot } from '../../src/serve/snapshot/open-snapshot';
import { until } from '../helpers/until';
import { restoreDataRoot, storedVersions } from '../warehouse/schema/stored-data-roots';
import { appendFeatures, computed, sha256 } from '../warehouse/feature-lines';
import { ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
let follower: SnapshotFollower;
beforeEach(() => {
  fixture = new WarehouseFixture();
  follower = new SnapshotFollower(fixture.root);
});
afterEach(async () => {
  await follower.close();
  fixture.remove();
});

const SNAPSHOT = 'warehouse.snapshot.duckdb';

async function publish(materialise: boolean): Promise<void> {
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise });
}

const catalog = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `id${n}`,
    url: `http://h/id${n}`,
    title: `Work ${n}`,
  }));

/** The ids of all images, by the numbers of their rows. */
async function idsIn(snapshot: OpenSnapshot | null): Promise<readonly string[]> {
  if (snapshot === null) return [];
  const { rows } = await new ImageLists().slice(snapshot, ALL_IMAGES, { from: 0, count: 200 });
  const found = await snapshot.rows('SELECT row, source_image_id AS id FROM serving.image_row');
  return rows.map((row) => String(found.find((one) => Number(one.row) === row)?.id));
}

describe('the snapshot that is served', () => {
  it('is the newest one, while a request goes on with the one that it began with', async () => {
    await fixture.merge('r1', catalog(3));
    await publish(true);
    await follower.use(async (first) => {
      expect(await idsIn(first)).toEqual(['id0', 'id1', 'id2']);
      await fixture.merge('r2', catalog(5), { startedAt: '2026-01-02T00:00:00.000Z' });
      await publish(true);
      const second = await until(
        () => follower.use((one) => Promise.resolve(one?.id === first?.id ? null : one)),
        { within: 30, saying: 'the second snapshot' },
      );
      expect(await follower.use(idsIn)).toHaveLength(5);
      expect(second.id).not.toBe(first?.id);
      expect(await idsIn(first)).toHaveLength(3);
    });
  });

  it('leaves no copy behind when its process is killed', async () => {
    await fixture.merge('r1', catalog(1));
    await publish(true);
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = path.join(
      os.tmpdir(),
      tempName('artemis-serve').replace(`-${process.pid}-`, `-${pid}-`),
    );
    fs.mkdirSync(left);
    fs.writeFileSync(path.join(left, 'image.duckdb'), 'a copy');
    await follower.use(idsIn);
    expect(fs.existsSync(left)).toBe(false);
  });

  it('has the same rows when it was published during a run, as views', async () => {
    await fixture.merge('r1', catalog(3));
    fixture.append('r1', [ledgerLine({ id: 'id1' })]);
    await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
    await publish(false);
    expect(await fixture.ask("SELECT * FROM duckdb_tables() WHERE table_name = 'image'")).toEqual(
      [],
    );
    expect(await follower.use(idsIn)).toEqual(['id0', 'id1', 'id2']);
    const states = await follower.use(async (snapshot) =>
      snapshot?.rows('SELECT state FROM image'),
    );
    expect(states?.map(({ state }) => state)).toEqual(['pending', 'stored', 'pending']);
  });

  it('has the features in a table too, also when it was published during a run', async () => {
    await fixture.merge('r1', catalog(2));
    appendFeatures(fixture.root, 'r1', [computed('b'), computed('a')]);
    await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
    await publish(false);
    await follower.use(async (snapshot) => {
      expect(await snapshot?.rows('SELECT sha256 FROM copied.feature ORDER BY rowid')).toEqual(
        [sha256('a'), sha256('b')].sort().map((one) => ({ sha256: one })),
      );
    });
  });

  it('is not copied from another publication than the one that was opened', async () => {
    await fixture.merge('r1', catalog(1));
    await publish(false);
    const file = fixture.path(SNAPSHOT);
    const folder = fixture.path('copy');
    const { signal } = new AbortController();
    const { instance, connection } = await openLockedConnection({
      memory: '64MB',
      threads: 1,
      folder: fixture.root,
      files: [file],
    });
    await connection.run(`ATTACH '${file}' AS snapshot (READ_ONLY)`);
    await expect(copyViews(connection, { file, id: 'other', folder, signal })).rejects.toThrow(
      'A newer snapshot has just been published.',
    );
    connection.closeSync();
    instance.closeSync();
  });

  it('is none in an empty data root, and appears when a run publishes one', async () => {
    expect(await follower.use((snapshot) => Promise.resolve(snapshot))).toBeNull();
    expect(follower.problem).toBeNull();
    await fixture.merge('r1', catalog(1));
    await publish(true);
    expect(await follower.use(idsIn)).toEqual(['id0']);
  });

  it('stays the former one when the file is damaged, with the reason', async () => {
    await fixture.merge('r1', catalog(1));
    await publish(true);
    expect(await follower.use(idsIn)).toEqual(['id0']);
    const file = fixture.path(SNAPSHOT);
    fs.rmSync(file);
    fs.writeFileSync(file, 'no database'.repeat(1_000));
    await until(() => follower.problem !== null, { within: 30, saying: 'the problem to be seen' });
    expect(await follower.use(idsIn)).toEqual(['id0']);
  });

  it('is refused while a write-ahead log is beside it', async () => {
    await fixture.merge('r1', catalog(1));
    await publish(true);
    fs.writeFileSync(fixture.path(`${SNAPSHOT}.wal`), 'log');
    expect(await follower.use(idsIn)).toEqual([]);
    expect(follower.problem).toContain('write-ahead log');
  });

  it('can open no other file and write nothing', async () => {
    await fixture.merge('r1', catalog(1));
    await publish(true);
    await follower.use(async (snapshot) => {
      if (snapshot === null) throw new Error('there is no snapshot');
      for (const sql of [
        `SELECT * FROM read_text('${fixture.path('runs', 'r1', 'run.json')}')`,
        `ATTACH '${fixture.path('warehouse.duckdb')}' AS warehouse (READ_ONLY)`,
        'SET enable_external_access = true',
        'DELETE FROM snapshot.main.dim_image',
      ])
        await expect(snapshot.rows(sql)).rejects.toThrow();
    });
  });

  it('fails a query that takes too long with a reason, and answers the next one', async () => {
    await follower.close();
    follower = new SnapshotFollower(fixture.root, 500);
    await fixture.merge('r1', catalog(1));
    await publish(true);
    await follower.use(async (snapshot) => {
      if (snapshot === null) throw new Error('there is no snapshot');
      const endless =
        'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 3';
      await expect(snapshot.rows(endless)).rejects.toMatchObject({ status: 503 });
      expect(await idsIn(snapshot)).toEqual(['id0']);
    });
  });

  it.each(storedVersions().map((version) => [version]))(
    'may be of version %i of the schema',
    async (version) => {
      await follower.close();
      fixture.remove();
      restoreDataRoot(version, fixture.root);
      fs.copyFileSync(fixture.path('warehouse.duckdb'), fixture.path(SNAPSHOT));
      follower = new SnapshotFollower(fixture.root);
      const [row] = await fixture.ask('SELECT count(*)::INTEGER AS images FROM dim_image');
      expect(await follower.use(idsIn)).toHaveLength(Number(row?.images));
      const rows = await follower.use(async (snapshot) =>
        snapshot?.rows('SELECT collection FROM image'),
      );
      expect(rows).not.toEqual([]);
    },
  );
});
