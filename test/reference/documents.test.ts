/** ARCHITECTURE.md stays short, and every file that a document for developers names exists. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const MOST_WORDS = 2_500;

const readmes = fs
  .readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => path.basename(name) === 'README.md')
  .map((name) => path.join('src', name));
const documents = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/one-image.md', ...readmes];

function textOf(document: string): string {
  return fs.readFileSync(path.join(ROOT, document), 'utf8');
}

/**
 * The texts between backticks that are paths of files of the repository, or of folders of src or
 * test.
 */
function pathsIn(document: string): readonly string[] {
  const marked = [...textOf(document).matchAll(/`([\w@./-]+)`/g)].map(([, name = '']) => name);
  return marked.filter((name) => /\.(ts|cjs|mjs|sql|md)$/.test(name) || /^(src|test)\//.test(name));
}

/** Names are relative to the repository, to src, or to the document's folder. */
function isThere(document: string, name: string): boolean {
  const folders = [ROOT, path.join(ROOT, 'src'), path.join(ROOT, path.dirname(document))];
  return folders.some((folder) => fs.existsSync(path.join(folder, name)));
}

it.each(documents)('every file that %s names exists', (document) => {
  const paths = pathsIn(document);
  expect(paths).not.toEqual([]);
  expect(paths.filter((name) => !isThere(document, name))).toEqual([]);
});

it('ARCHITECTURE.md has at most 2,500 words', () => {
  const words = textOf('ARCHITECTURE.md').split(/\s+/).filter(Boolean);
  expect(words.length).toBeLessThanOrEqual(MOST_WORDS);
});

it('ARCHITECTURE.md has a row for each folder and file of src', () => {
  const listed = pathsIn('ARCHITECTURE.md');
  const present = fs.readdirSync(path.join(ROOT, 'src')).map((name) => `src/${name}`);
  expect(present.filter((name) => !listed.includes(name))).toEqual([]);
});

it('ARCHITECTURE.md links to the README of each folder of src that has one', () => {
  const architecture = textOf('ARCHITECTURE.md');
  expect(readmes.filter((readme) => !architecture.includes(`](${readme})`))).toEqual([]);
});

it('docs/one-image.md passes through each stage from the catalog to the snapshot', () => {
  const folders = new Set(pathsIn('docs/one-image.md').map((name) => name.split('/')[1]));
  const stages = ['catalog', 'plan', 'workflows', 'download', 'http', 'images', 'files'];
  expect([...folders]).toEqual(expect.arrayContaining([...stages, 'warehouse']));
});
