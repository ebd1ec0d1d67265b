/**
 * A dry run shows what the next catalog would change and fetch, as a run would find it, and leaves
 * the data root unchanged.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { previewText } from '../../src/cli/run/preview-text';
import type { RunInput } from '../../src/contract/run-input';
import { parseRunInput } from '../../src/input/run-input-schema';
import { createLogger } from '../../src/log';
import { previewRun } from '../../src/preview/preview-run';
import type { RunPreview } from '../../src/preview/run-preview';
import { database, ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
let folder: string;
beforeEach(() => {
  fixture = new WarehouseFixture();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-next-'));
});
afterEach(() => {
  fixture.remove();
  fs.rmSync(folder, { recursive: true });
});

const image = (id: string): { readonly id: string; readonly url: string } => ({
  id,
  url: `http://h/${id}`,
});

/**
 * Creates the images a to f. Later f has left the catalog, and the outcomes of c are not committed.
 */
async function collect(): Promise<void> {
  await fixture.merge('r1', ['a', 'b', 'c', 'd', 'e', 'f'].map(image));
  fixture.append('r1', [ledgerLine({ id: 'a', bytes: 100 }), ledgerLine({ id: 'b', bytes: 300 })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.merge('r2', ['a', 'b', 'c', 'd', 'e'].map(image), {
    startedAt: '2026-01-02T00:00:00.000Z',
  });
  await fixture.query('SELECT 1', true);
  fixture.append('r2', [ledgerLine({ id: 'c', bytes: 200 })]);
}

function preview(rows: readonly string[], input: Partial<RunInput> = {}): Promise<RunPreview> {
  const file = path.join(folder, 'next month.csv');
  fs.writeFileSync(file, ['id,url', ...rows].join('\n'));
  return previewRun({
    dataRoot: fixture.root,
    input: parseRunInput({ catalog: 'catalogs/next month.csv', ...input }),
    files: [{ file, name: 'next month.csv' }],
    database,
    caps: { connections: 64, requestsPerSecond: 1_000 },
    log: createLogger({ level: 'silent', pretty: false }),
  });
}

/**
 * The next catalog: n is new, b has another URL, d has vanished, and so has a, which is `a again`
 * now. f has returned.
 */
const NEXT = [
  'a again,http://h/a',
  'b,http://h/b-new',
  'c,http://h/c',
  'e,http://h/e',
  'f,http://h/f',
  'n,http://new.example/n',
];

/** Lists every file with its size and times. */
function contentOf(root: string): readonly string[] {
  const entries = fs.readdirSync(root, { recursive: true, encoding: 'utf8' });
  return entries.sort().map((name) => {
    const { size, mtimeMs, ino } = fs.statSync(path.join(root, name));
    return [name, size, mtimeMs, ino].join(' ');
  });
}

it('a dry run shows the changes and the requests, with their time and disk space, and changes nothing', async () => {
  await collect();
  const before = contentOf(fixture.root);
  const found = await preview(NEXT, {
    hosts: {
      default: { connections: 8, requestsPerSecond: 20 },
      h: { connections: 1, requestsPerSecond: 0.5 },
    },
  });
  expect(contentOf(fixture.root)).toEqual(before);
  expect(found.refusal).toBeNull();
  expect(found.change).toMatchObject({
    added: 2,
    urlChanged: 1,
    removed: 2,
    renamed: 1,
    returned: 1,
  });
  // The mean size of the stored files of h is 200 bytes. Its newest outcome is only in a ledger.
  expect(found.download).toEqual({
    images: 5,
    linked: 1,
    hosts: [
      { host: 'h', requests: 3, seconds: 6, bytes: 450 },
      { host: 'new.example', requests: 1, seconds: 0.05, bytes: null },
    ],
  });
  expect(previewText(found).split('\n')).toEqual([
    'catalog:   6 rows, 6 images, 0 of them without a URL',
    'change:    2 new, 1 with another URL, 2 vanished (1 of them have another id now), 1 returned',
    'download:  5 images: 4 requests to 2 hosts, 1 linked to stored files',
    '  h: 3 requests, 6 s, disk 450 B',
    '  new.example: 1 request, 1 s, disk unknown',
    'time:      at least 6 s at the budgets',
    'disk:      450 B, and an unknown amount: of 1 host nothing is stored yet',
    'Nothing was requested, and nothing in the data root was changed.',
    '',
  ]);
});

it('a dry run reports that a run would be refused, and still shows the differences', async () => {
  await collect();
  const shrunk = await preview(['a,http://h/a', 'b,http://h/b', 'c,http://h/c']);
  expect(shrunk.refusal).toMatchObject({ code: 'catalog_shrunk' });
  expect(shrunk.change).toMatchObject({ added: 0, removed: 2 });
  const other = await preview(['a,http://h/a', 'b,http://h/b-new']);
  expect(other.refusal).toMatchObject({
    code: 'input',
    message: expect.stringContaining('keeps id and URL of 1 of the 5 images') as string,
  });
  expect(other.change).toMatchObject({ added: 0, removed: 3, urlChanged: 1 });
});

it('a dry run works without a warehouse and a snapshot, from what the ledgers contain', async () => {
  await collect();
  for (const name of ['warehouse.duckdb', 'warehouse.snapshot.duckdb'])
    fs.rmSync(fixture.path(name));
  const before = contentOf(fixture.root);
  const { change, download } = await preview(NEXT, { select: 'failed' });
  expect(contentOf(fixture.root)).toEqual(before);
  expect(change).toMatchObject({ added: 6, removed: 0 });
  // c is stored, and the file of a is linked to its new id.
  expect(download).toMatchObject({ images: 5, linked: 1 });
});

it('a dry run without ingest does not read the catalog, and plans only the images of `only`', async () => {
  await collect();
  fs.writeFileSync(fixture.path('ids.txt'), 'd\n');
  const { catalog, change, download } = await preview(NEXT, {
    steps: ['download'],
    only: 'ids.txt',
  });
  expect([catalog, change]).toEqual([null, null]);
  expect(download).toMatchObject({ images: 1, hosts: [{ host: 'h', requests: 1 }] });
});

it('plans images of the run’s collection only, of which `limit` counts the rows', async () => {
  await collect();
  const b = ['a', 'b', 'c'].map((id) => ({ id, url: `http://b/${id}` }));
  await fixture.merge('r3', b, { collection: 'b' });
  await fixture.query('SELECT 1');
  const steps = ['download'] as const;
  // Of the first four rows all but d are stored.
  expect((await preview([], { steps, limit: 4 })).download).toMatchObject({
    hosts: [{ host: 'h', requests: 1 }],
  });
  expect((await preview([], { steps, limit: 2, collection: 'b' })).download).toMatchObject({
    hosts: [{ host: 'b', requests: 2 }],
  });
});
