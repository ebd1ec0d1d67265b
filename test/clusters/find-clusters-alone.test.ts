/** The search for groups where there is little to find, and where it ends early. */
import { readdirSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { findClusters } from '../../src/clusters/find-clusters';
import { sha256 } from '../warehouse/feature-lines';
import { ledgerLine, urlHash, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

const options = () => ({
  dataRoot: fixture.root,
  runId: 'r1',
  database: { memory: '300MB', threads: 1 },
  target: fixture.path('tmp', 'clusters.duckdb'),
});

const urlOf = (id: string): string => `http://h/${id}`;

/** Publishes images whose files have the same bytes, in the order of the catalog. */
async function publishCopies(
  ids: readonly string[],
  { runId, startedAt }: { readonly runId: string; readonly startedAt: string },
): Promise<void> {
  await fixture.merge(
    runId,
    ids.map((id) => ({ id, url: urlOf(id) })),
    { startedAt },
  );
  fixture.append(
    runId,
    ids.map((id) => ledgerLine({ id, urlHash: urlHash(urlOf(id)), sha256: sha256('x') })),
  );
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

const FIRST = { runId: 'r1', startedAt: '2026-01-01T00:00:00.000Z' };

async function representatives(): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`ATTACH '${options().target}' AS d (READ_ONLY)`);
  const answer = await connection.runAndReadAll(
    'SELECT source_image_id FROM d.cluster_member WHERE is_representative',
  );
  connection.closeSync();
  instance.closeSync();
  return answer.getRows().flat();
}

describe('the search for groups', () => {
  it('needs a snapshot', async () => {
    await expect(findClusters(options())).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('ingest') as string,
    });
  });

  it('finds exact copies only when there are no features', async () => {
    await publishCopies(['a', 'b'], FIRST);
    const { counts } = await findClusters(options());
    expect(counts).toEqual({
      ...{ exactGroups: 1, exactCopies: 1, nearGroups: 0, nearDuplicates: 0, visualGroups: 0 },
      ...{ compared: 0, tooPlain: 0, notCompared: 1 },
    });
  });

  it('takes the first of a catalog for the representative of copies, also when a later one has a smaller id', async () => {
    await publishCopies(['c', 'b'], FIRST);
    await findClusters(options());
    expect(await representatives()).toEqual(['c']);
    await publishCopies(['a', 'c', 'b'], { runId: 'r2', startedAt: '2026-01-02T00:00:00.000Z' });
    await findClusters(options());
    expect(await representatives()).toEqual(['c']);
  });

  it('ends when it is cancelled, and leaves nothing behind', async () => {
    await publishCopies(['a', 'b'], FIRST);
    const controller = new AbortController();
    const finding = findClusters({ ...options(), signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error('cancelled'));
    }, 100);
    await expect(finding).rejects.toThrow('cancelled');
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  });
});
