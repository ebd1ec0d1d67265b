/** Patterns in quotes stand for the files that a shell would have named. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { matchingFiles } from '../../../src/cli/run/catalog/matching-files';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-patterns-'));
  for (const name of ['b-1.csv', 'b-2.csv', 'b-10.csv', '.b-3.csv', 'b-1.csv.bak', 'x[1]*.csv'])
    fs.writeFileSync(path.join(folder, name), '');
  for (const year of ['2023', '2024']) {
    fs.mkdirSync(path.join(folder, year));
    fs.writeFileSync(path.join(folder, year, 'works.csv'), '');
  }
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

test.each([
  ['a star, which leaves out hidden files', 'b-*.csv', ['b-1.csv', 'b-10.csv', 'b-2.csv']],
  ['a question mark', 'b-?.csv', ['b-1.csv', 'b-2.csv']],
  ['a star in the name of a folder', '20*/works.csv', ['2023/works.csv', '2024/works.csv']],
  ['a path that exists, whatever characters it has', 'x[1]*.csv', ['x[1]*.csv']],
  ['brackets, which are characters like others', 'x[1]?.csv', ['x[1]*.csv']],
  ['a pattern that nothing matches', 'c-*.csv', ['c-*.csv']],
  ['a file below a file', 'b-1.csv/*', ['b-1.csv/*']],
])('the files of %s are found', (_, pattern, names) => {
  const inFolder = (name: string): string => path.join(folder, name);
  expect(matchingFiles([inFolder(pattern)])).toEqual(names.map(inFolder));
});
