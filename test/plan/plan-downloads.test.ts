/**
 * Plans select the right images, divide them into lanes, and are the same for the same snapshot.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { planDownloads } from '../../src/plan/plan-downloads';
import { readPlanPage } from '../../src/plan/read-plan-page';
import type { Lane, PlanDownloadsInput, PlanDownloadsResult } from '../../src/contract/payloads';
import { laneFileName } from '../../src/contract/plan-entry';
import type { PlanEntry } from '../../src/contract/plan-entry';
import { DataRootFixture, database, stepErrorOf } from '../catalog/data-root-fixture';
import { imagesOf } from './plan-fixture';
import { urlHash, writeSnapshot } from './snapshot-fixture';
import type { SnapshotImage } from './snapshot-fixture';

const caps = { connections: 64, requestsPerSecond: 1_000 };
const request: PlanDownloadsInput = {
  warehouseId: 'w',
  runId: 'run-1',
  select: 'pending',
  limit: null,
  only: null,
  hosts: { default: { connections: 8, requestsPerSecond: 20 } },
};

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

function plan(
  changes: Partial<PlanDownloadsInput> = {},
  runCaps = caps,
  workers = 1,
): Promise<PlanDownloadsResult> {
  return planDownloads({
    dataRoot: fixture.root,
    runId: 'run-1',
    request: { ...request, ...changes },
    caps: runCaps,
    workers,
    database,
  });
}

async function snapshot(images: readonly SnapshotImage[]): Promise<void> {
  await writeSnapshot(fixture.path('warehouse.snapshot.duckdb'), images);
}

async function lanesOf({ pages }: PlanDownloadsResult): Promise<readonly Lane[]> {
  const lanes: Lane[] = [];
  for (let page = 0; page < pages; page += 1) {
    const read = await readPlanPage({ dataRoot: fixture.root, runId: 'run-1', page });
    lanes.push(...read.lanes);
  }
  return lanes;
}

function entriesOf(lane: string): readonly PlanEntry[] {
  const text = readFileSync(fixture.path('runs', 'run-1', 'plan', laneFileName(lane)), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PlanEntry);
}

async function plannedIds(result: PlanDownloadsResult): Promise<readonly string[]> {
  const lanes = await lanesOf(result);
  const entries = lanes.flatMap(({ lane }) => entriesOf(lane));
  return entries.flatMap(({ ids }) => ids.map(({ id }) => id)).sort();
}

const mixedStates: readonly SnapshotImage[] = [
  { id: 'a-stored', url: 'http://a/1', state: 'stored' },
  { id: 'b-none', url: null },
  { id: 'c-removed', url: 'http://a/3', state: 'removed' },
  { id: 'd-pending', url: 'http://a/4' },
  { id: 'e-again', url: 'http://a/5', state: 'failed', retryable: true },
  { id: 'f-failed', url: 'http://a/6', state: 'failed' },
  { id: 'g-pending', url: 'http://a/7' },
];

test.each([
  ['pending', ['d-pending', 'e-again', 'g-pending']],
  ['failed', ['d-pending', 'e-again', 'f-failed', 'g-pending']],
  ['all', ['a-stored', 'd-pending', 'e-again', 'f-failed', 'g-pending']],
] as const)('select %s plans the images in its states', async (select, ids) => {
  await snapshot(mixedStates);
  const result = await plan({ select });

  expect(result).toEqual({ planned: ids.length, settled: 0, lanes: 1, pages: 1 });
  expect(await plannedIds(result)).toEqual(ids);
});

test('the limit of a plan counts rows with a URL in catalog order, before select and only', async () => {
  await snapshot(mixedStates);

  expect(await plannedIds(await plan({ limit: 1 }))).toEqual([]);
  expect(await plannedIds(await plan({ limit: 3 }))).toEqual(['d-pending', 'e-again']);
  expect(await plannedIds(await plan({ limit: 100 }))).toHaveLength(3);
});

test('the file `only` restricts a plan to the ids that it lists', async () => {
  await snapshot([...mixedStates, { id: ' odd, "id"', url: 'http://a/8' }]);
  const only = fixture.write('ids.txt', '\uFEFFd-pending\r\n\n odd, "id"\na-stored\nunknown');

  const result = await plan({ only });
  expect(await plannedIds(result)).toEqual([' odd, "id"', 'd-pending']);
  expect(result.unknownIds).toEqual({ count: 1, listed: 4, first: 'unknown' });
  expect(await stepErrorOf(plan({ only: 'catalogs/none.txt' }))).toMatchObject({ code: 'input' });
  expect(await stepErrorOf(plan({ only: '../ids.txt' }))).toMatchObject({ code: 'input' });
  const binary = fixture.write('binary.txt', Buffer.from([0x61, 0x0a, 0xff]));
  const error = await stepErrorOf(plan({ only: binary }));
  expect(error.code).toBe('input');
  expect(error.message).toContain('line 2');
});

test('ids that share a URL share an entry, each with the hash of its own text', async () => {
  const texts = ['http://A.example:80/x y#1', 'http://a.example/x%20y', 'http://a.example/x%20y#2'];
  await snapshot(texts.map((url, n) => ({ id: `i${n}`, url })));
  const [lane] = await lanesOf(await plan());

  expect(lane).toMatchObject({ hosts: ['a.example'], images: 3, entries: 1 });
  expect(entriesOf(lane?.lane ?? '')).toEqual([
    {
      url: 'http://a.example/x%20y',
      ids: texts.map((url, n) => ({ id: `i${n}`, urlHash: urlHash(url), file: null })),
    },
  ]);
});

test('a plan only contains a recorded file that was downloaded from the current URL', async () => {
  await snapshot([
    { id: 'same', url: 'http://a/1', state: 'stored' },
    { id: 'changed', url: 'http://a/2', fileUrl: 'http://a/old' },
  ]);
  const [lane] = await lanesOf(await plan({ select: 'all' }));

  expect(entriesOf(lane?.lane ?? '').map(({ ids }) => ids[0]?.file)).toEqual([
    { path: 'raw/same', sha256: 'sha-same', etag: '"etag"', lastModified: null },
    null,
  ]);
});

test('URLs that cannot be parsed, or whose host cannot exist, are planned without a host', async () => {
  await snapshot([
    { id: 'a', url: 'not a url' },
    { id: 'b', url: 'file:///etc/passwd' },
    { id: 'c', url: `http://${'c'.repeat(300_000)}/` },
  ]);
  const [lane] = await lanesOf(await plan());

  expect(lane).toMatchObject({ hosts: [], images: 3 });
  expect(entriesOf(lane?.lane ?? '').map(({ url }) => url)).toEqual([
    'not a url',
    'file:///etc/passwd',
    `http://${'c'.repeat(300_000)}/`,
  ]);
});

test('a host that needs long has a lane of its own, and no other host is divided between mixed lanes', async () => {
  const hosts = Array.from({ length: 5 }, (_, n) => imagesOf(`small${n}.example`, 400));
  await snapshot([...hosts.flat(), ...imagesOf('large.example', 1_801), { id: 'x', url: 'bad' }]);
  const lanes = await lanesOf(await plan());

  expect(lanes.map(({ hosts: names, entries }) => [names, entries])).toEqual([
    [['large.example'], 1_801],
    [['small0.example', 'small1.example', 'small2.example'], 2_000],
    [[], 1],
  ]);
  expect(lanes.map(({ lane }) => lane)).toEqual(['l000001', 'l000002', 'l000003']);
  expect(lanes[0]?.budgets).toEqual({
    default: { connections: 8, requestsPerSecond: 20 },
    'large.example': { connections: 8, requestsPerSecond: 20 },
  });
});

test('a host has several lanes only above 200 requests a second, and they share its budget', async () => {
  await snapshot(imagesOf('quick.example:8080', 50_000));
  const hosts = {
    ...request.hosts,
    'quick.example': { connections: 2, requestsPerSecond: 1 },
    'quick.example:8080': { connections: 10, requestsPerSecond: 9_999 },
  };
  const cap = { connections: 64, requestsPerSecond: 501 };
  const lanes = await lanesOf(await plan({ hosts }, cap, 2));

  expect(lanes.map(({ entries }) => entries)).toEqual([16_667, 16_667, 16_666]);
  expect(lanes.map(({ budgets }) => budgets['quick.example:8080'])).toEqual([
    { connections: 4, requestsPerSecond: 167 },
    { connections: 3, requestsPerSecond: 167 },
    { connections: 3, requestsPerSecond: 167 },
  ]);
});

// How many lanes these hosts have for other numbers of workers: lane-packer.test.ts.
test('two workers share a host with a large budget in lanes that receive its images in turn', async () => {
  const wide = { connections: 64, requestsPerSecond: 100_000 };
  const counts = { a: 5_000, b: 5_001, c: 60_000, d: 100_004, e: 6_000 };
  await snapshot(Object.entries(counts).flatMap(([host, count]) => imagesOf(host, count)));
  const hosts = { default: wide, e: { ...wide, connections: 5 } };
  const lanes = await lanesOf(await plan({ hosts }, wide, 2));
  const entries = (host: string): readonly number[] =>
    lanes.filter((lane) => lane.hosts[0] === host).map((lane) => lane.entries);
  expect(Object.keys(counts).map(entries)).toEqual([
    [5_000],
    [2_501, 2_500],
    Array(4).fill(15_000),
    Array(4).fill(25_001),
    [6_000],
  ]);
});

test('the worker’s caps limit the budgets of the run, and mixed lanes contain the budgets that are not the default', async () => {
  await snapshot([...imagesOf('a.example', 1), ...imagesOf('b.example', 1)]);
  const hosts = { ...request.hosts, 'b.example': { connections: 99, requestsPerSecond: 2 } };
  const [lane] = await lanesOf(await plan({ hosts }, { connections: 4, requestsPerSecond: 10 }));

  expect(lane?.budgets).toEqual({
    default: { connections: 4, requestsPerSecond: 10 },
    'b.example': { connections: 4, requestsPerSecond: 2 },
  });
});

test('many lanes of a plan are listed on several pages', async () => {
  // One lane cannot hold two of these hosts.
  await snapshot(Array.from({ length: 103 }, (_, n) => imagesOf(`h${n}.example`, 1_001)).flat());
  const result = await plan();

  expect(result).toEqual({ planned: 103_103, settled: 0, lanes: 103, pages: 2 });
  expect(new Set((await lanesOf(result)).map(({ lane }) => lane)).size).toBe(103);
});

test('planning twice produces the same bytes, and replaces the earlier plan', async () => {
  await snapshot([
    ...imagesOf('a.example', 3_000),
    ...imagesOf('b.example', 50),
    ...imagesOf('c.example', 50),
  ]);
  await plan();
  const before = planBytes();
  mkdirSync(fixture.path('runs', 'run-1', 'plan', 'stale'));
  writeFileSync(fixture.path('runs', 'run-1', 'plan', 'lanes', 'l999999.ndjson'), 'stale');
  await plan();

  expect(planBytes()).toEqual(before);
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
});

function planBytes(): Readonly<Record<string, string>> {
  const folder = fixture.path('runs', 'run-1', 'plan');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => name.endsWith('json'));
  const bytes = files.map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]);
  return { names: names.join(), ...Object.fromEntries(bytes) } as Record<string, string>;
}

test('a plan without images has no pages', async () => {
  await snapshot([{ id: 'a', url: null }]);
  expect(await plan()).toEqual({ planned: 0, settled: 0, lanes: 0, pages: 0 });
});

test('a stray write-ahead log beside the snapshot is not read', async () => {
  await snapshot(imagesOf('a.example', 3));
  writeFileSync(fixture.path('warehouse.snapshot.duckdb.wal'), 'poison');
  expect(await plan()).toMatchObject({ planned: 3 });
});

test('a missing snapshot, a broken snapshot and a missing page are different errors', async () => {
  expect(await stepErrorOf(plan())).toMatchObject({ code: 'input' });
  writeFileSync(fixture.path('warehouse.snapshot.duckdb'), 'no database');
  expect(await stepErrorOf(plan())).toMatchObject({ code: 'db_corrupt' });
  rmSync(fixture.path('warehouse.snapshot.duckdb'));
  const page = readPlanPage({ dataRoot: fixture.root, runId: 'run-1', page: 0 });
  expect(await stepErrorOf(page)).toMatchObject({ code: 'input' });
});

test('a run that plans again after a reset counts the images that it has settled and does not plan again', async () => {
  await snapshot([
    { id: 'stored', url: 'http://h/1', state: 'stored', settledBy: 'run-1' },
    { id: 'gone', url: 'http://h/2', state: 'failed', settledBy: 'run-1' },
    { id: 'again', url: 'http://h/3', state: 'failed', retryable: true, settledBy: 'run-1' },
    { id: 'others', url: 'http://h/4', state: 'stored', settledBy: 'run-0' },
    { id: 'open', url: 'http://h/5' },
  ]);
  expect(await plan()).toMatchObject({ planned: 2, settled: 2 });
});
