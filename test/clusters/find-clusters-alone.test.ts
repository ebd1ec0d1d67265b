/** The search for groups where there is little to find, and where it ends early. */
import { readdirSync } from 'node:fs';
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

async function publishTwoCopies(): Promise<void> {
  await fixture.merge('r1', [
    { id: 'a', url: 'http://h/a' },
    { id: 'b', url: 'http://h/b' },
  ]);
  fixture.append(
    'r1',
    ['a', 'b'].map((id) =>
      ledgerLine({ id, urlHash: urlHash(`http://h/${id}`), sha256: sha256('x') }),
    ),
  );
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

describe('the search for groups', () => {
  it('needs a snapshot', async () => {
    await expect(findClusters(options())).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('ingest') as string,
    });
  });

  it('finds exact copies only when there are no features', async () => {
    await publishTwoCopies();
    const { counts } = await findClusters(options());
    expect(counts).toEqual({
      ...{ exactGroups: 1, exactCopies: 1, nearGroups: 0, nearDuplicates: 0, visualGroups: 0 },
      ...{ compared: 0, tooPlain: 0, notCompared: 1 },
    });
  });

  it('ends when it is cancelled, and leaves nothing behind', async () => {
    await publishTwoCopies();
    const controller = new AbortController();
    const finding = findClusters({ ...options(), signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error('cancelled'));
    }, 100);
    await expect(finding).rejects.toThrow('cancelled');
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  });
});
