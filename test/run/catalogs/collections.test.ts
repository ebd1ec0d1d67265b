/**
 * Two catalogs in one data root: another listing is refused as it is, and fetched as a collection
 * of its own.
 */
import fs from 'node:fs';
import path from 'node:path';
import { listRuns } from '../../../src/files/run/run-records';

import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { faultlessUrls } from '../../helpers/images/tate-catalog';

let pipeline: Pipeline;
let workers: Command;
/** Of artworks that the origin serves without misbehaviour. */
let urls: readonly string[];
beforeAll(async () => {
  pipeline = await Pipeline.create();
  urls = await faultlessUrls(60, pipeline.origin.port);
  workers = await pipeline.up();
});
afterAll(() => pipeline.dispose());

/** Writes a catalog outside of the data root. The numbers are those of URLs, by id. */
function write(name: string, numbers: Readonly<Record<string, number>>): string {
  const file = path.join(pipeline.folder, name);
  const rows = Object.entries(numbers).map(([id, n]) => `${id},${urls[n] ?? ''}`);
  fs.writeFileSync(file, `${['id,url', ...rows].join('\n')}\n`);
  return file;
}

/** The files of the data root, without those of the server, with their sizes. */
function contentOfRoot(): readonly string[] {
  const names = fs.readdirSync(pipeline.root, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => !/^(temporal|tmp|workers?)(\/|$)/.test(name))
    .map((name) => `${name} ${fs.statSync(path.join(pipeline.root, name)).size}`)
    .sort();
}

const newestSummary = () => listRuns(pipeline.root)[0]?.summary;
const SECOND = `SELECT * FROM image WHERE collection = 'second' ORDER BY record`;

it('another listing is refused with two commands, of which one makes it a collection that later runs of the first leave alone', async () => {
  const first = write('first.csv', { 1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5 });
  expect((await pipeline.run('run', first)).code).toBe(0);

  // The ids of the first one, with other URLs but for the last.
  const second = write('second.csv', { 1: 10, 2: 11, 3: 12, 4: 13, 5: 0 });
  const before = contentOfRoot();
  const refused = await pipeline.run('run', second);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('keeps id and URL of 0 of the 6 images');
  expect(contentOfRoot()).toEqual(before);
  const [, own = '', replace = ''] =
    /\n {2}(artemis-pipeline [^\n]*)\n[^\n]*\n {2}(artemis-pipeline [^\n]*)/.exec(refused.stderr) ??
    [];
  expect(replace).toBe(`artemis-pipeline run ${second} --replace --data ${pipeline.root}`);

  // A run that Temporal's own command starts fails, and does not wait for an operator.
  fs.copyFileSync(second, path.join(pipeline.root, 'catalogs', 'by-temporal.csv'));
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'by-temporal'],
    ...['--task-queue', 'artemis-pipeline', '--input', '{"catalog":"catalogs/by-temporal.csv"}'],
  );
  const failed = await pipeline.whenRunOf('by-temporal', ({ state }) => state === 'failed');
  expect(failed.step).toMatchObject({ name: 'ingest', code: 'input' });

  const requested = pipeline.origin.requests().length;
  const pasted = await pipeline.startPasted(own).finished;
  expect([pasted.code, pasted.stderr]).toEqual([
    0,
    expect.stringContaining('the collection second: 5 images, 5 stored, 0 failed'),
  ]);
  // The image whose URL the first one has is linked.
  expect(pipeline.origin.requests()).toHaveLength(requested + 4);
  expect(await pipeline.expectFine('status', 'second')).toContain(', collection second');
  const images = await pipeline.query<{ source_image_id: string; catalog_id: string }>(SECOND);
  expect(images.map(({ source_image_id: id }) => id)).toEqual(
    [1, 2, 3, 4, 5].map((id) => `second/${id}`),
  );

  // Next month's catalog of the first: one vanished, one new.
  write('first.csv', { 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6 });
  const changed = await pipeline.run('run', first);
  expect(changed.code).toBe(0);
  expect(pipeline.origin.requests()).toHaveLength(requested + 5);
  expect(newestSummary()?.counts).toMatchObject({ images: 7, stored: 6, removed: 1, pending: 0 });
  expect(await pipeline.query(SECOND)).toEqual(images);

  // A file of each is lost, and fetched again in a run of each.
  const paths = await pipeline.query<{ thumb_path: string }>(
    "SELECT thumb_path FROM image WHERE source_image_id IN ('second/1', '2') ORDER BY 1",
  );
  for (const { thumb_path: file } of paths) fs.rmSync(path.join(pipeline.root, file));
  const repaired = await pipeline.run('repair');
  expect([repaired.code, repaired.stderr]).toEqual([
    0,
    expect.stringContaining('2 images are fetched again'),
  ]);
  expect(pipeline.origin.requests()).toHaveLength(requested + 7);
  await pipeline.expectFine('verify', '--deep');
}, 300_000);

it('a lost file is fetched again where the ids are made of the URLs', async () => {
  const file = write('third.csv', { 1: 10, 2: 11 });
  const words = ['--collection', 'third', '--id-from', 'url'];
  expect((await pipeline.run('run', file, ...words)).code).toBe(0);
  const [lost] = await pipeline.query<{ thumb_path: string }>(
    "SELECT thumb_path FROM image WHERE collection = 'third' LIMIT 1",
  );
  fs.rmSync(path.join(pipeline.root, lost?.thumb_path ?? ''));
  const { code, stderr } = await pipeline.run('repair');
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 images are fetched again')]);
  await pipeline.expectFine('verify', '--deep');
}, 300_000);

it('a run without ingest fails where its collection is unknown, and names those that are there', async () => {
  const file = write('none.csv', { 1: 0 });
  const words = ['--steps', 'download,publish', '--collection', 'secnod'];
  const { code, stderr } = await pipeline.run('run', file, ...words);
  expect(code).toBe(2);
  expect(stderr).toContain(
    'no images of the collection "secnod". It has the unnamed collection, the collection "second"',
  );

  const failed = await pipeline.runTemporal(
    ...['workflow', 'execute', '--type', 'runPipeline', '--workflow-id', 'unknown'],
    ...['--task-queue', 'artemis-pipeline', '--input'],
    '{"catalog":"catalogs/first.csv","collection":"secnod","steps":["download"]}',
  );
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain('no images of the collection');
});

it('a name that cannot be one of a collection is refused, with what can', async () => {
  const file = write('third.csv', { 1: 0 });
  const { code, stderr } = await pipeline.run('run', file, '--collection', 'a/b');
  expect([code, stderr]).toEqual([2, expect.stringContaining('is no name of a collection')]);
});

it('each collection is repaired also where only this command has workers', async () => {
  workers.kill('SIGTERM');
  await workers.finished;
  const paths = await pipeline.query<{ thumb_path: string }>(
    "SELECT thumb_path FROM image WHERE source_image_id IN ('second/1', '3')",
  );
  for (const { thumb_path: file } of paths) fs.rmSync(path.join(pipeline.root, file));
  const { code, stderr } = await pipeline.run('repair');
  expect([code, stderr]).toEqual([0, expect.stringContaining('2 images are fetched again')]);
  await pipeline.expectFine('verify', '--deep');
}, 300_000);
