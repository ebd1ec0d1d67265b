/** Where the file of `run --only` goes, and what is refused before anything starts. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { placeIdList } from '../../../src/cli/run/catalog/place-id-list';
import { stepErrorOf } from '../../catalog/data-root-fixture';

let folder: string;
let root: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-ids-'));
  root = path.join(folder, 'data');
  fs.mkdirSync(root);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

it('copies a list of ids from elsewhere to catalogs/, when the run is about to start', async () => {
  const file = write('my ids.ndjson', '"a"\n"b"\n');
  const placed = await placeIdList(root, file);
  expect(placed.path).toBe('catalogs/my ids.ndjson');
  expect(fs.readdirSync(root)).toEqual([]);
  placed.place();
  expect(fs.readFileSync(path.join(root, placed.path), 'utf8')).toBe('"a"\n"b"\n');
});

it('a list with other ids, but the name of an earlier one, gets a name of its own', async () => {
  (await placeIdList(root, write('ids.txt', 'a\n'))).place();
  const other = await placeIdList(root, write('ids.txt', 'b\n'));
  expect(other.path).toMatch(/^catalogs\/ids-[0-9a-f]{8}\.txt$/);
});

it('a list of ids in the data root stays where it is', async () => {
  const file = write('data/lists/ids.txt', 'a\n');
  expect((await placeIdList(root, file)).path).toBe('lists/ids.txt');
});

it.each([
  ['a file that is not there', 'none.txt', null, 'there is no file'],
  ['a file without ids', 'empty.txt', '\n \n', 'has no ids'],
  ['a line that is no JSON string', 'ids.ndjson', '"a"\nb\n', 'line 2 is no JSON string'],
  ['a file of the pipeline itself', 'data/runs/r/ids.txt', 'a\n', "pipeline's own files"],
  ['a file that prune deletes', 'data/quarantine/ids.txt', 'a\n', "pipeline's own files"],
  ['a file among segments', 'data/embeddings/ids.txt', 'a\n', "pipeline's own files"],
])('%s is refused as a list of ids', async (_what, name, text, message) => {
  const file = text === null ? path.join(folder, name) : write(name, text);
  const error = await stepErrorOf(placeIdList(root, file));
  expect(error.code).toBe('input');
  expect(error.message).toContain(message);
});
