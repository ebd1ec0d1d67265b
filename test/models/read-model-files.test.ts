/** Reading the files of models: names, headers, and what is wrong with them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { orderModels } from '../../src/models/order-models';
import { readModelFiles } from '../../src/models/read-model-files';
import type { ModelFile } from '../../src/models/build-models';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'artemis-models-'));
  mkdirSync(path.join(root, 'models', 'checks'), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function read(name: string, content: string | Buffer): ModelFile | undefined {
  writeFileSync(path.join(root, 'models', `${name}.sql`), content);
  return readModelFiles(root).find(({ file }) => file === `models/${name}.sql`);
}

describe('the header of a file', () => {
  it('has documentation of several lines, needs, and comments of no meaning', () => {
    const text =
      '-- Written in spring.\r\n--doc: One row\n\n-- needs: a, B,c\n-- doc: for each.\nSELECT 1 -- doc: no';
    expect(read('mine', text)).toMatchObject({
      ...{ kind: 'model', name: 'mine', doc: 'One row for each.', needs: ['a', 'b', 'c'] },
      ...{ declaresNeeds: true, isWarning: false, mistake: null },
    });
  });

  it('of a check may say that its rows are a warning', () => {
    expect(read('checks/mine', '-- warn\nSELECT 1')).toMatchObject({
      ...{ kind: 'check', isWarning: true, declaresNeeds: false, mistake: null },
    });
  });

  it.each([
    ['-- warn\nSELECT 1', '1:1: `-- warn` belongs to checks: a model has no bad rows.'],
    ['\n-- doc one\nSELECT 1', '2:1: Write `-- doc:`, with a colon.'],
    ['-- needs: a, 1b\nSELECT 1', '1:1: "1b" is no name of a model.'],
  ])('reports the mistake in %j with its line', (text, mistake) => {
    expect(read('mine', text)?.mistake).toBe(`models/mine.sql:${mistake}`);
  });
});

describe('a file that cannot be used', () => {
  it('is reported and stops no other', () => {
    expect(read('latin', Buffer.from([0x2d, 0x2d, 0xe9]))?.mistake).toContain(
      'models/latin.sql:1:1: It cannot be read as UTF-8 text',
    );
    expect(read('large', ' '.repeat(1_000_001))?.mistake).toContain('more than 1000000 bytes');
    mkdirSync(path.join(root, 'models', 'folder.sql'));
    const files = readModelFiles(root);
    expect(files.find(({ name }) => name === 'folder')?.mistake).toContain('This is no file');
    expect(files.find(({ name }) => name === 'by_host')?.mistake).toBeNull();
  });

  it('with an ending in upper case is reported, and hides no file of the same name', () => {
    for (const ending of ['SQL', 'Sql', 'sql'])
      writeFileSync(path.join(root, 'models', `titles.${ending}`), 'SELECT 1');
    const files = readModelFiles(root).filter(({ file }) => file.startsWith('models/titles'));
    expect(files.map(({ file, mistake }) => [file, mistake])).toEqual([
      ['models/titles.sql', null],
      ...['SQL', 'Sql'].map((ending) => [
        `models/titles.${ending}`,
        `models/titles.${ending}:1:1: The file of a model ends with .sql in lower case. Rename the file.`,
      ]),
    ]);
  });

  it('is none when it is hidden or has another ending', () => {
    writeFileSync(path.join(root, 'models', '.mine.sql'), 'SELECT 1');
    writeFileSync(path.join(root, 'models', 'mine.txt'), 'SELECT 1');
    expect(readModelFiles(root).filter(({ file }) => file.startsWith('models/'))).toEqual([]);
  });
});

describe('the order of models', () => {
  it('puts each after those that it needs, and is the same for every order of the files', () => {
    const needs = { d: ['b', 'c'], c: ['a'], b: ['a'], a: [], e: ['unknown'] };
    const { order, cycles } = orderModels(new Map(Object.entries(needs)));
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(cycles).toEqual([]);
    const reversed = new Map(Object.entries(needs).reverse());
    expect(orderModels(reversed).order).toEqual(order);
  });

  it('names each cycle once, and orders what is behind it', () => {
    const needs = { x: ['y'], y: ['x'], z: ['z', 'x'], behind: ['z'], apart: [] };
    const { order, cycles } = orderModels(new Map(Object.entries(needs)));
    expect(cycles).toEqual([
      ['x', 'y', 'x'],
      ['z', 'z'],
    ]);
    expect(order).toEqual(['apart', 'behind']);
  });
});
