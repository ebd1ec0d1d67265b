/**
 * Writes the data root that {@link storedDataRoot} keeps for this program's schema version, once
 * the version is final: `npm run store-data-root`. A stored data root is never written again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { latestVersion } from '../../../src/warehouse/schema/migrations';
import { SCHEMA } from '../../../src/warehouse/schema/warehouse-schema';
import { appendFeatures, computed, failed } from '../feature-lines';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';
import { storedDataRoot } from './stored-data-roots';

const commit = { warehouseId: 'w', runId: 'r1' };

it('stores a data root of the latest schema version', async () => {
  const target = storedDataRoot(latestVersion(SCHEMA.migrations));
  expect(fs.existsSync(target)).toBe(false);
  const fixture = new WarehouseFixture();
  await fixture.merge('r1', [
    { id: 'a', url: 'http://h/a', title: 'A' },
    { id: 'b', url: 'http://h/b' },
    { id: 'c', url: 'http://h/c' },
    { id: 'd', url: null },
  ]);
  fixture.append('r1', [ledgerLine({ id: 'a' }), ledgerLine({ id: 'b', outcome: 'failed' })]);
  await fixture.warehouse.commitLedgers(commit);
  const later = { outcome: 'failed', attempt: 2, code: 'http_500' } as const;
  fixture.append('r1', [ledgerLine({ id: 'a', ...later })]);
  await fixture.warehouse.commitLedgers(commit);
  appendFeatures(fixture.root, 'r1', [computed('a'), failed('b')]);
  await fixture.warehouse.commitFeatures(commit);
  await fixture.warehouse.recordRun(fixture.record('r1', '2026-01-01T00:00:00.000Z'));
  fs.cpSync(fixture.path('runs'), path.join(target, 'runs'), { recursive: true });
  const packed = gzipSync(fs.readFileSync(fixture.path('warehouse.duckdb')), { level: 9 });
  fs.writeFileSync(path.join(target, 'warehouse.duckdb.gz'), packed);
  fixture.remove();
});
