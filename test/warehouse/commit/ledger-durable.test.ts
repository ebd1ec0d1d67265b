/**
 * A commit makes the ledger lines that it applies durable before it writes them to the warehouse.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { canTrace } from '../../files/traced-batch';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const COMMIT_ONCE = path.join(__dirname, '../commit-once.cjs');

const fixture = new WarehouseFixture();
afterAll(() => {
  fixture.remove();
});

(canTrace ? it : it.skip)(
  'syncs the ledger that it applies before it writes to the warehouse (observed by strace)',
  async () => {
    await fixture.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    const log = fixture.path('trace');
    const trace = ['-e', 'trace=fdatasync,fsync,pwrite64,write'];
    const { stdout } = spawnSync(
      'strace',
      ['-f', '-y', '-qq', '-o', log, ...trace, process.execPath, COMMIT_ONCE, fixture.root],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(stdout)).toEqual({ applied: 1 });
    const lines = fs.readFileSync(log, 'utf8').split('\n');
    const synced = lines.findIndex((line) => /fdatasync\(\d+<[^>]*\.ndjson>/.test(line));
    const written = lines.findIndex((line) => /write(64)?\(\d+<[^>]*warehouse\.duckdb/.test(line));
    expect(synced).toBeGreaterThan(-1);
    expect(written).toBeGreaterThan(synced);
  },
);
