/**
 * Whole runs of catalogs that do not have one row per image. Every image is stored, and `verify`
 * finds no difference.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';
import { claimNamespace, type SharedServerSettings } from '../../helpers/suites/shared-server';
import { faultlessUrls } from '../../helpers/images/tate-catalog';

let server: SharedServerSettings;
beforeAll(async () => {
  server = await claimNamespace();
});

let pipeline: Pipeline;
/** The URLs of artworks that the origin serves without faults. */
let urls: readonly string[];
beforeEach(async () => {
  pipeline = await Pipeline.create({ ...server, ARTEMIS_QUEUE_PREFIX: 'artemis-shapes' });
  urls = await faultlessUrls(60, pipeline.origin.port);
});
afterEach(() => pipeline.dispose());

function write(name: string, lines: readonly string[]): string {
  const file = path.join(pipeline.folder, name);
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

it('the hint for several rows of one object names --many, with which every image is stored', async () => {
  const rows = urls.slice(0, 6).map((url, n) => `${1000 + (n % 2)}\tStillImage\t${url}`);
  const file = write('multimedia.txt', ['gbifID\ttype\tidentifier', ...rows]);
  const columns = ['--id-column', 'gbifID', '--url-column', 'identifier'];
  const first = await pipeline.run('run', file, ...columns);
  expect(first.code).toBe(0);
  expect(first.stderr).toContain('4 of 6 catalog rows were not taken (duplicate_conflict 4');
  expect(first.stderr).toContain('--many takes them');

  const requested = pipeline.origin.requests().length;
  const second = await pipeline.run('run', file, ...columns, '--many');
  expect(second.stderr).toContain('6 stored');
  expect(second.stderr).not.toContain('not taken');
  expect(second.code).toBe(0);
  // The two images that were stored under the ids of their objects are linked.
  expect(pipeline.origin.requests()).toHaveLength(requested + 4);
  await pipeline.expectFine('rebuild');
  await pipeline.expectVerified();
  const images = await pipeline.query<object>(
    `SELECT object_id, count(*)::INTEGER AS n, max(image_number)::INTEGER AS last, bool_and(i.thumb_downloaded) AS stored
     FROM catalog_row JOIN image i USING (source_image_id) GROUP BY object_id ORDER BY object_id`,
  );
  expect(images).toEqual([
    { object_id: '1000', n: 3, last: 3, stored: true },
    { object_id: '1001', n: 3, last: 3, stored: true },
  ]);
});

it('a run of a list of URLs needs no option', async () => {
  const file = write('list.txt', urls.slice(0, 5));
  const { code, stderr } = await pipeline.run('run', file);
  expect(stderr).toContain('5 stored');
  expect(code).toBe(0);
  await pipeline.expectVerified();
});

it('every URL of a cell is requested separately, in a catalog without column names', async () => {
  const [a = '', b = '', c = ''] = urls;
  const file = write('shop.csv', [',ID,Images', `0,741,"${a}, ${b}"`, `1,742,${c}`]);
  const columns = ['--id-column', 'ID', '--url-column', 'Images', '--many'];
  const { code, stderr } = await pipeline.run('run', file, ...columns);
  expect(stderr).toContain('3 stored');
  expect(code).toBe(0);
  await pipeline.expectVerified();
  expect(pipeline.origin.requests()).toHaveLength(3);
});

it('several files are one catalog, copied to a folder once', async () => {
  const [a = '', b = '', c = ''] = urls;
  const first = write('one.csv', ['id,url', `1,${a}`]);
  const second = write('two.csv', ['url,id', `${b},2`, `${c},3`]);
  const { code, stderr } = await pipeline.run('run', first, second);
  expect(stderr).toContain('3 stored');
  expect(code).toBe(0);
  const again = await pipeline.run('run', first, second);
  expect(again.stderr).toContain('0 stored');
  expect(fs.readdirSync(path.join(pipeline.root, 'catalogs'))).toEqual(['one-and-1-more']);
  await pipeline.expectVerified();
});

it.each([
  ['files of two formats', ['a.csv', 'b.json'], 'the files are of several formats'],
  ['a file whose name does not tell', ['a.csv', 'c.dat'], 'does not say that it is csv'],
  ['a file that is not there', ['a.csv', 'd.csv'], 'there is no file'],
  ['the folder of the data root', ['.'], 'is not a file'],
])('%s are refused before anything starts', async (_, names, said) => {
  fs.mkdirSync(pipeline.root, { recursive: true });
  for (const name of ['a.csv', 'b.json', 'c.dat']) write(name, ['id,url']);
  const { code, stderr } = await pipeline.run('run', ...names);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
  expect(fs.readdirSync(pipeline.root)).toEqual([]);
});

it('options that do not go together end the command before anything starts', async () => {
  const file = write('list.csv', ['url', ...urls]);
  const { code, stderr } = await pipeline.run('run', file, '--id-from', 'url', '--many');
  expect(code).toBe(2);
  expect(stderr).toContain('Leave many (--many) out');
  expect(fs.existsSync(path.join(pipeline.root, 'catalogs'))).toBe(false);
});
