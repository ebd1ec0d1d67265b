/** `status` and `query` answer while other processes hold what they might need. */
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Pipeline } from '../helpers/runs/pipeline';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-status' });
  const catalog = await pipeline.writeCatalog(60);
  const { code } = await pipeline.run('run', path.join('data', catalog), '--workflow-id', 'small');
  expect(code).toBe(3);
});
afterAll(() => pipeline.dispose());

describe('status and query', () => {
  it('answer while another process holds the database and Temporal is stopped', async () => {
    await pipeline.expectFine('down');
    const warehouse = path.join(pipeline.root, 'warehouse.duckdb');
    const instance = await DuckDBInstance.create(warehouse);
    const connection = await instance.connect();
    await connection.run('BEGIN; CREATE TABLE mine (x INTEGER)');
    try {
      const { runs, warehouse: told, snapshot } = await pipeline.status();
      expect(runs).toHaveLength(1);
      expect(runs[0]).toMatchObject({
        workflowId: 'small',
        state: 'completed',
        planned: 60,
        cutOff: false,
      });
      expect(told.present).toBe(true);
      expect(told.lockedBy).toContain(String(process.pid));
      expect(snapshot.present).toBe(true);
      const words = await pipeline.expectFine('status', 'small');
      expect(words).toMatch(/small {2}completed\n.*60 planned · 60 committed/);
      expect(await pipeline.query('SELECT count(*)::INTEGER AS n FROM image')).toEqual([{ n: 60 }]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  it('says that no process holds the database when none does', async () => {
    expect((await pipeline.status()).warehouse.lockedBy).toBeNull();
  });
});
