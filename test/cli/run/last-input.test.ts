/** A run without a catalog takes that of the run that read one last, with what it was asked for. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withLastInput } from '../../../src/cli/run/catalog/last-input';
import { noteMerge } from '../../../src/files/run/merge-mark';
import { writeRunFile } from '../../../src/files/run/run-records';
import { parseRunInput } from '../../../src/input/run-input-schema';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-last-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

/** The `--input` of a run without a catalog, after one with this input. */
function inputAfter(given: Readonly<Record<string, unknown>>): unknown {
  const [runId, startedAt] = ['r1', '2026-01-01T00:00:00.000Z'];
  const input = parseRunInput(given);
  writeRunFile({
    root,
    run: { v: 1, runId, workflowId: 'works', input, catalog: null, startedAt },
  });
  const none = { code: null, detail: null, endedAt: null, steps: [] };
  const record = { runId, workflowId: 'works', state: 'running', startedAt, ...none } as const;
  for (const name of ['catalog', 'rejects']) fs.writeFileSync(path.join(root, name), '');
  noteMerge({ root, runId, parquet: 'catalog', rejects: 'rejects', record });
  const { catalogs, input: text } = withLastInput(root, { catalogs: [] });
  expect(catalogs).toEqual([path.join(root, input.catalog)]);
  return JSON.parse(text ?? '');
}

it.each([
  ['a catalog alone', { catalog: 'catalogs/a.csv' }, {}],
  [
    'columns, and a budget',
    {
      catalog: 'catalogs/a.csv.gz',
      columns: { url: 'image' },
      hosts: { default: { connections: 2, requestsPerSecond: 5 } },
    },
    {
      columns: { id: 'id', url: 'image' },
      hosts: { default: { connections: 2, requestsPerSecond: 5 } },
    },
  ],
  [
    'a format that the name does not show',
    { catalog: 'catalogs/a.csv', format: 'tsv' },
    { format: 'tsv' },
  ],
  ['a folder', { catalog: 'catalogs/works', format: 'csv' }, { format: 'csv' }],
  ['a list of URLs', { catalog: 'catalogs/a.txt', format: 'urls' }, { format: 'urls' }],
  [
    'fields of one run',
    { catalog: 'catalogs/a.csv', limit: 5, steps: ['ingest'], select: 'all', many: true },
    { many: true },
  ],
] as const)(
  'a run without a catalog after %s has no defaults in its input',
  (_, given, expected) => {
    expect(inputAfter(given)).toEqual(expected);
  },
);
