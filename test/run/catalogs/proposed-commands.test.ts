/**
 * The command that `inspect` prints, pasted unchanged into another shell, stores every image of the
 * catalog. The tests know how many there are, because they wrote them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { zipArchive } from '../../catalog/zip-archive';
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
  pipeline = await Pipeline.create({ ...server, ARTEMIS_QUEUE_PREFIX: 'artemis-proposed' });
  urls = await faultlessUrls(60, pipeline.origin.port);
});
afterEach(() => pipeline.dispose());

type Write = (urls: readonly string[]) => string | Buffer;

function manifestOf(bodies: readonly object[]): string {
  const context = 'http://iiif.io/api/presentation/3/context.json';
  const items = bodies.map((body, n) => ({
    ...{ id: `http://m/${n}`, type: 'Canvas' },
    items: [{ type: 'AnnotationPage', items: [{ motivation: 'painting', body }] }],
  }));
  return JSON.stringify({ '@context': context, id: 'http://m', type: 'Manifest', items });
}

/** Two images of each occurrence. */
function darwinCore(all: readonly string[]): Readonly<Record<string, string>> {
  const table =
    'fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"';
  const field = (index: number, term: string): string =>
    `<field index="${index}" term="http://x/${term}"/>`;
  const meta = `<?xml version="1.0"?><archive xmlns="http://rs.tdwg.org/dwc/text/">
    <core encoding="UTF-8" rowType="http://rs.tdwg.org/dwc/terms/Occurrence" ${table}>
      <files><location>occurrence.txt</location></files><id index="0"/>${field(1, 'scientificName')}</core>
    <extension encoding="UTF-8" rowType="http://rs.gbif.org/terms/1.0/Multimedia" ${table}>
      <files><location>multimedia.txt</location></files><coreid index="0"/>${field(2, 'identifier')}</extension></archive>`;
  const rows = all.map((url, n) => `${n >> 1}\tStillImage\t${url}`);
  return {
    'meta.xml': meta,
    'occurrence.txt': 'gbifID\tscientificName\n0\tParus major\n1\tPica pica\n',
    'multimedia.txt': `gbifID\ttype\tidentifier\n${rows.join('\n')}\n`,
    'rights.txt': 'CC0',
  };
}

function csvOf(all: readonly string[]): string {
  return ['id,url', ...all.map((url, n) => `${n},${url}`)].join('\n');
}

it.each<[string, string, number, Write]>([
  [
    'a JSON object of records',
    'works.json',
    4,
    (all) =>
      JSON.stringify(Object.fromEntries(all.map((url, n) => [`w${n}`, { url, title: 'x' }]))),
  ],
  [
    'a JSON object with lists of URLs',
    'map.json',
    5,
    ([first, second, ...others]) => JSON.stringify({ a: first, b: [second], c: others, d: [] }),
  ],
  [
    'a IIIF manifest of version 3, with two images to choose from',
    'book.json',
    4,
    ([first = '', ...others]) => {
      const image = (id: string): object => ({ id, type: 'Image' });
      const bodies = [{ type: 'Choice', items: others.map(image) }, image(first)];
      return manifestOf(bodies);
    },
  ],
  ['a Darwin Core archive', 'gbif.zip', 4, (all) => zipArchive(darwinCore(all))],
  [
    'one file of a zip archive',
    'export.zip',
    3,
    (all) => zipArchive({ 'meta.json': '{}', 'd/works.csv': csvOf(all), 'people.csv': 'id,name' }),
  ],
])('stores every image of %s', async (_, name, count, write) => {
  const file = path.join(pipeline.folder, name);
  const used = urls.slice(0, count);
  fs.writeFileSync(file, write(used));
  const member = name === 'export.zip' ? ['--member', 'd/works.csv'] : [];
  const words = ['inspect', '--data', pipeline.root, file, ...member];
  const line = await pipeline.expectFine(...words);
  const { code, stderr } = await pipeline.startPasted(line.trim()).finished;
  expect(stderr).toContain(`${count} stored`);
  expect(stderr).not.toContain('not taken');
  expect(code).toBe(0);
  expect(new Set(pipeline.origin.requests()).size).toBe(count);
  await pipeline.expectVerified();
});

it('an inspection names the option with the host to fill in where URLs are relative, and run does so too', async () => {
  const [first = '', second = ''] = urls;
  const { origin } = new URL(first);
  const file = path.join(pipeline.folder, 'relative.csv');
  const rows = [first, second].map((url, n) => `${n},${url.slice(origin.length)}`);
  fs.writeFileSync(file, ['id,poster', ...rows].join('\n'));

  const line = await pipeline.expectFine('inspect', '--data', pipeline.root, file);
  expect(line).toContain('--base-url https://HOST/PATH/');
  const refused = await pipeline.startPasted(line.trim()).finished;
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('HOST in the') as string,
  });
  const without = await pipeline.run('run', file, '--url-column', 'poster');
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('--base-url https://HOST/PATH/');

  const filledIn = line.trim().replace('https://HOST/PATH/', origin);
  const { code, stderr } = await pipeline.startPasted(filledIn).finished;
  expect(stderr).toContain('2 stored');
  expect(code).toBe(0);
  await pipeline.expectVerified();
});

it('tells which relative URLs the command leaves out', async () => {
  const file = path.join(pipeline.folder, 'mixed.csv');
  const rows = [
    '1,http://a.example/1.jpg,s/1.jpg',
    '2,/2.jpg,s/2.jpg',
    '3,http://a.example/3.jpg,',
  ];
  fs.writeFileSync(file, ['id,photo,sketch', ...rows].join('\n'));
  const { stderr } = await pipeline.run('inspect', file);
  expect(stderr).toContain('1 of the URLs in photo are relative');
  expect(stderr).toContain('--url-column sketch --base-url https://HOST/PATH/ does');
});

it('a IIIF collection that only references its manifests leads to a folder of them, and that to their images', async () => {
  const files = ['one', 'two'].map((name) => path.join(pipeline.folder, 'books-manifests', name));
  fs.mkdirSync(path.join(pipeline.folder, 'books-manifests'));
  const collection = {
    ...{ '@context': 'http://iiif.io/api/presentation/3/context.json', type: 'Collection' },
    items: files.map((_, n) => ({ id: `http://127.0.0.1:9/${n}`, type: 'Manifest' })),
  };
  const file = path.join(pipeline.folder, 'books.json');
  fs.writeFileSync(file, JSON.stringify(collection));
  expect(await pipeline.expectFine('inspect', file)).toContain('--manifests | curl ');
  const config = await pipeline.expectFine('inspect', file, '--manifests');
  expect(config).toContain('output = "books-manifests/000002.json"');
  const refused = await pipeline.run('run', file, '--format', 'iiif');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('references 2 IIIF manifests');

  // As curl would have put them there.
  for (const [n, target] of files.entries())
    fs.writeFileSync(
      `${target}.json`,
      manifestOf([{ id: urls[n], type: 'Image' }]).replaceAll('//m', `//m${n}`),
    );
  const folder = path.join(pipeline.folder, 'books-manifests');
  const line = await pipeline.expectFine('inspect', '--data', pipeline.root, folder);
  const { code, stderr } = await pipeline.startPasted(line.trim()).finished;
  expect(stderr).toContain('2 stored');
  expect(code).toBe(0);
  await pipeline.expectVerified();
});
