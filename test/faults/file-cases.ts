/** Section F: names, and what stands at the place of a file. */
import fs from 'node:fs';
import path from 'node:path';
import { reply } from '../helpers/hosts/lying-server';
import { fails, stored, type FaultCase } from './fault-case';

const serve: FaultCase['serve'] = ({ jpeg }) => reply('200 OK', {}, jpeg);
const good = stored({ bytes: ({ jpeg }) => jpeg });

/** A file that a link leads to, in a folder of the user's own files. */
const LINKED = 'catalogs/linked.txt';

function put(root: string, file: string, content: string): void {
  const at = path.join(root, file);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, content);
}

const taken: readonly FaultCase[] = [
  {
    row: 'F7',
    what: 'a folder in the file’s place',
    serve,
    before: (root, final) => fs.mkdirSync(path.join(root, final), { recursive: true }),
    expected: fails('path_conflict'),
  },
  {
    row: 'F7',
    what: 'a file in a folder’s place',
    // This folder contains no image of another case, which would be affected too.
    id: 'alone in its folder',
    serve,
    before: (root, final) => {
      put(root, path.dirname(final), 'a file');
    },
    expected: fails('path_conflict'),
  },
  {
    row: 'F8',
    what: 'other bytes under the file’s name',
    serve,
    before: (root, final) => {
      put(root, final, 'whose is this?');
    },
    after: (root, final) => {
      const [kept = ''] = findFiles(root, 'quarantine').filter((file) =>
        file.includes(path.basename(final)),
      );
      expect(fs.readFileSync(kept, 'utf8')).toBe('whose is this?');
    },
    expected: good,
  },
  {
    row: 'F18',
    what: 'a link under the file’s name',
    serve,
    before: (root, final) => {
      put(root, LINKED, 'not to be written');
      fs.mkdirSync(path.dirname(path.join(root, final)), { recursive: true });
      fs.symlinkSync(path.join(root, LINKED), path.join(root, final));
    },
    after: (root, final) => {
      expect(fs.readFileSync(path.join(root, LINKED), 'utf8')).toBe('not to be written');
      expect(fs.lstatSync(path.join(root, final)).isSymbolicLink()).toBe(false);
    },
    expected: good,
  },
];

const IDS: readonly (readonly [row: string, id: string])[] = [
  ...['../../etc/x', '/etc/x', '..', '.', 'a/../b', '~', '\\\\server\\x'].map(
    (id) => ['F9', id] as const,
  ),
  ...['same', 'SAME', 'Same', 'Ω\u00e9', 'Ω\u0065\u0301'].map((id) => ['F10', id] as const),
  ...['é'.repeat(128), 'x'.repeat(256), 'x'.repeat(257)].map((id) => ['F11', id] as const),
  ...['CON', 'a:b', 'dot.', '-rf', 'new\nline', 'nul.txt'].map((id) => ['F12', id] as const),
];

const names: readonly FaultCase[] = IDS.map(([row, id]) => ({
  ...{
    row,
    id,
    what: `the id ${JSON.stringify(id.slice(0, 20))} of ${id.length}`,
    serve,
    expected: good,
  },
}));

function findFiles(root: string, folder: string): readonly string[] {
  const entries = fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
}

export const fileCases: readonly FaultCase[] = [...taken, ...names];
