/** The recipes of CONTRIBUTING.md list every file that names an existing member of their kind. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const CONTRIBUTING = fs.readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** How files name an existing member of the kind, in code and in documents. */
const RECIPES: Readonly<Record<string, RegExp>> = {
  'Add a step':
    /'(ingest|publish)'|\bparseCatalog\b|\bParseCatalogInput\b|^\| `publish`|\\\| `publish`|\b(ClusterCounts|clustersSentence)\b|cluster-process|includes\('clusters'\)/m,
  'Add an Update': /retryStep|UPDATE_RETRY_STEP|setHostBudget|UPDATE_SET_HOST_BUDGET/,
  'Add an image code': /'(robots_tag|poison|too_many_pixels)'|\bTRANSIENT\b|^\| `robots_tag`/m,
  'Add a catalog format': /'(parquet|tsv|ndjson)'|\bCatalogFormat\b|`tsv`/,
  'Add a column': /final_?host|last_?modified/i,
  'Add a setting': /OUTAGE_SECONDS|outageSeconds|COMMIT_SECONDS|commitSeconds/,
  'Add a metric': /artemis_host_wait_seconds|hostWaits\b|artemis_commit_seconds|metrics\.wrote/,
};

/**
 * The documents and code in which a member may be named, without those that readers of the recipes
 * need not change.
 */
function searchedFiles(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`);
  const code = below('src').filter((name) => /\.(ts|sql)$/.test(name));
  const documents = below('docs/reference').filter((name) => name.endsWith('.md'));
  return [...code, ...documents, 'docs/operating.md', '.env.example'];
}

const texts = new Map(
  searchedFiles().map((name) => [name, fs.readFileSync(path.join(ROOT, name), 'utf8')]),
);

function namingFiles(member: RegExp): readonly string[] {
  return [...texts].filter(([, text]) => member.test(text)).map(([name]) => name);
}

/** The files between backticks in the section of this heading. */
function filesOfRecipe(heading: string, text = CONTRIBUTING): ReadonlySet<string> {
  const [, section] = text.split(`### ${heading}\n`);
  if (section === undefined) throw new Error(`CONTRIBUTING.md has no recipe "${heading}"`);
  const [recipe = ''] = section.split(/^##/m);
  return new Set([...recipe.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name));
}

function forgottenFiles(heading: string, member: RegExp, text = CONTRIBUTING): readonly string[] {
  const listed = filesOfRecipe(heading, text);
  return namingFiles(member).filter((name) => !listed.has(name));
}

describe.each(Object.entries(RECIPES))('the recipe "%s"', (heading, member) => {
  it('lists every file that names an existing member', () => {
    expect(namingFiles(member).length).toBeGreaterThan(3);
    expect(forgottenFiles(heading, member)).toEqual([]);
  });

  it('would be found incomplete without any one of these files', () => {
    for (const file of namingFiles(member)) {
      const shortened = CONTRIBUTING.replaceAll(`\`${file}\``, '');
      expect(forgottenFiles(heading, member, shortened)).toEqual([file]);
    }
  });
});

it('every recipe of CONTRIBUTING.md is compared with the code', () => {
  const headings = [...CONTRIBUTING.matchAll(/^### (Add .+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(Object.keys(RECIPES));
});
