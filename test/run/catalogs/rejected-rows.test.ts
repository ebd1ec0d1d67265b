/** Catalog rows that are rejected are reported by run, status and the details, with what helps. */
import fs from 'node:fs';
import path from 'node:path';
import type { CatalogCounts } from '../../../src/contract/catalog/catalog-counts';
import { Pipeline } from '../../helpers/runs/pipeline';

const SENTENCE =
  '3 of 6 catalog rows were not taken (duplicate_conflict 2, first in line 4: the id has another URL in line 3, which is kept; bad_row 1, first in line 6: ';
const HINT = '--id-column NAME takes a column that is different in each of them';
const COUNTS = { rows: 6, images: 2, noUrl: 0, rejected: 3, duplicates: 1 };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-rejected' });
  await pipeline.up();
  const url = (n: number): string => `http://127.0.0.1:${pipeline.origin.port}/images/${n}`;
  const rows = [
    '1,,',
    `1,${url(1)},`,
    `1,${url(2)},`,
    `1,${url(3)},`,
    `2,${url(4)},x,y`,
    `3,${url(5)},`,
  ];
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(file(), `id,url,title\n${rows.join('\n')}\n`);
});
afterAll(() => pipeline.dispose());

function file(): string {
  return path.join(pipeline.root, 'catalogs', 'many.csv');
}

it('run, status and the summary of a run of ingest alone have the counts, and the query that they name lists the rows', async () => {
  const { code, stderr } = await pipeline.run('run', file(), '--steps', 'ingest');
  expect(code).toBe(0);
  expect(stderr).toContain(SENTENCE);
  expect(stderr).toContain(HINT);
  const [run] = (await pipeline.status()).runs;
  const told: CatalogCounts | null | undefined = run?.catalog;
  expect(told).toMatchObject(COUNTS);
  const summary = pipeline.summary(run?.runId ?? '');
  expect(summary.catalog).toEqual(told);
  expect(summary.counts).toMatchObject({
    rows: 6,
    images: 2,
    pending: 2,
    rejected: 3,
    duplicates: 1,
  });

  const status = await pipeline.expectFine('status');
  expect(status).toContain(SENTENCE);
  const [, sql = ''] = /query '([^\n]*)' --data \S+\n/.exec(status) ?? [];
  const rows = await pipeline.query<object>(sql.replaceAll(`'\\''`, `'`));
  expect(rows).toHaveLength(3);
  expect(rows).toContainEqual(expect.objectContaining({ code: 'bad_row', line: 6 }));
});

it('the details of a run have the counts of rejected rows', async () => {
  const words = ['temporal', 'workflow', 'metadata', '--output', 'json', '--workflow-id'];
  const [run] = (await pipeline.status()).runs;
  const page = await pipeline.expectFine(...words, run?.workflowId ?? '');
  expect(page).toContain('3 of 6 catalog rows were not taken');
  expect(page).toContain('catalog_reject');
});
