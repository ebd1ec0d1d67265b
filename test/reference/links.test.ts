/** The links of the reference, and of the documents that lead to it, have targets that exist. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const REFERENCE = 'docs/reference';
const pages = fs.readdirSync(path.join(ROOT, REFERENCE)).map((name) => `${REFERENCE}/${name}`);
const readmes = fs
  .readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => path.basename(name) === 'README.md')
  .map((name) => path.join('src', name));
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'docs/operating.md',
  'docs/limitations.md',
  'docs/one-image.md',
  ...readmes,
  ...pages,
];

function textOf(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** The targets of inline links and of link definitions, except URLs. */
function linksIn(file: string): readonly string[] {
  const text = textOf(file);
  const found = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  return found.map(([, target = '']) => target).filter((target) => !target.includes('://'));
}

/** The anchors that GitHub creates from headings. */
function anchorsOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function problemWith(document: string, link: string): string | null {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? document : path.join(path.dirname(document), file);
  if (!fs.existsSync(path.join(ROOT, target))) return `there is no ${target}`;
  if (anchor === undefined || anchorsOf(target).includes(anchor)) return null;
  return `${target} has no heading for #${anchor}`;
}

it.each(documents)('every link of %s leads to a file and a heading that exist', (document) => {
  const problems = linksIn(document).flatMap((link) => problemWith(document, link) ?? []);
  expect(problems).toEqual([]);
});

it('the list of pages names each page', () => {
  const linked = linksIn(`${REFERENCE}/README.md`).map((link) => `${REFERENCE}/${link}`);
  expect(linked).toEqual(
    expect.arrayContaining(pages.filter((page) => page !== `${REFERENCE}/README.md`)),
  );
});
