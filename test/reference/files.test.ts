/**
 * Compares docs/reference/files.md with the names of files, and with the types and schemas of their
 * contents.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { OWN_COLUMNS } from '../../src/catalog/catalog-columns';
import { laneFileName, planPageName } from '../../src/contract/plan-entry';
import { dataRootPaths, runPaths } from '../../src/files/data-root';
import { namesOf, readReferencePage } from './reference-page';
import { SourceTypes } from './source-types';

const page = readReferencePage('files.md');
const listed = namesOf(page.table('What is what'));

const RECORD = 'contract/run-record.ts';
const PAYLOADS = 'contract/payloads.ts';
const PLAN = 'contract/plan-entry.ts';
const FEATURE = 'contract/features/feature.ts';
const LEDGER = 'contract/outcome.ts';
const JOURNAL = 'files/ledger/attempt-journal.ts';
const COMMITTED = 'files/ledger/committed-record.ts';

/**
 * A heading, and the types or schemas whose fields are listed below it: the file, the name, and the
 * prefix of the field names.
 */
interface Format {
  readonly heading: string;
  readonly parts: readonly (readonly [file: string, name: string, prefix?: string])[];
}

const FORMATS: readonly Format[] = [
  { heading: 'artemis.json', parts: [['files/identity.ts', 'Identity']] },
  {
    heading: 'warehouse.snapshot.json',
    parts: [['warehouse/database-file/content-mark.ts', 'contentMark']],
  },
  { heading: 'run.json', parts: [[RECORD, 'RunFile']] },
  { heading: 'rejects.ndjson', parts: [['catalog/catalog-staging.ts', 'Reject']] },
  { heading: 'Lanes', parts: [[PAYLOADS, 'Lane']] },
  {
    heading: 'Entries',
    parts: [
      [PLAN, 'PlanEntry'],
      [PLAN, 'PlannedImage', 'ids[].'],
    ],
  },
  {
    heading: 'Failed attempts',
    parts: [
      [JOURNAL, 'line'],
      [JOURNAL, 'history', 'history.'],
    ],
  },
  { heading: 'Hosts of a lane', parts: [['contract/hosts/saved-host-state.ts', 'SavedHostState']] },
  { heading: 'Ledger line', parts: [[LEDGER, 'LedgerLine']] },
  {
    heading: 'Feature ledger line',
    parts: [
      [FEATURE, 'FeatureLine'],
      [FEATURE, 'PixelFeatures', 'values.'],
      [FEATURE, 'MetadataValues', 'values.'],
      [FEATURE, 'CameraMetadata', 'values.metadata.'],
      [FEATURE, 'CreditMetadata', 'values.metadata.'],
    ],
  },
  {
    heading: 'progress.json',
    parts: [
      [RECORD, 'ProgressFile'],
      [RECORD, 'FeaturesEntry', 'features.'],
      [RECORD, 'WaitingHost', 'waits[].'],
    ],
  },
  {
    heading: 'committed.json',
    parts: [
      [COMMITTED, 'CommittedRecord'],
      ['files/ledger/ledger-tally.ts', 'Tally', 'counts.'],
    ],
  },
  {
    heading: 'summary.json',
    parts: [
      [RECORD, 'Summary'],
      [RECORD, 'CollectionCounts', 'counts.'],
      [RECORD, 'RunCounts', 'run.'],
    ],
  },
  {
    heading: 'Counts of a catalog',
    parts: [
      ['contract/catalog/catalog-counts.ts', 'CatalogCounts'],
      ['contract/catalog/catalog-counts.ts', 'RejectGroup', 'rejects[].'],
    ],
  },
  { heading: 'recorded.json', parts: [[PAYLOADS, 'RunRecord']] },
  { heading: 'merged/SEQUENCE.json', parts: [['files/run/merge-mark.ts', 'mark']] },
  { heading: 'lease/NUMBER.json', parts: [['files/run/lease.ts', 'schema']] },
  {
    heading: 'lease/permits-MACHINE.NUMBER.json',
    parts: [['download/hosts/shared/owner-marker.ts', 'schema']],
  },
  {
    heading: 'temporal/server.json',
    parts: [['server/embedded/server-record.ts', 'ServerRecord']],
  },
  { heading: 'verify/AA.ndjson', parts: [['verify/hash-journal.ts', 'HashedFile']] },
];

const types = new SourceTypes([
  ...FORMATS.flatMap(({ parts }) => parts.map(([file]) => file)),
  'catalog/catalog-columns.ts',
  'files/run/drain-request.ts',
]);

/**
 * Removes fields that are described by fields of their own: `counts` if there is `counts.stored`.
 */
function leaves(names: readonly string[]): readonly string[] {
  const isSpelledOut = (name: string): boolean =>
    names.some((other) => other.startsWith(`${name}.`) || other.startsWith(`${name}[]`));
  return names.filter((name) => !isSpelledOut(name)).sort();
}

/** Folders that the code creates there by `path.join(runPaths(…).plan, 'hosts', …)`. */
function placesBelowPlan(): readonly string[] {
  const command = ['-rhoE', "\\.plan, '[a-z]+'", path.join(__dirname, '../../src')];
  const found = execFileSync('grep', command, { encoding: 'utf8' });
  return [...new Set([...found.matchAll(/'([a-z]+)'/g)].map(([, name = '']) => name))];
}

/**
 * True when the page lists the path, relative to the root. The page writes a folder with `/` at its
 * end, or with its contents.
 */
function isListed(relative: string): boolean {
  return listed.some((one) => one === relative || one.startsWith(`${relative}/`));
}

function relativePaths(paths: object, root: string): readonly string[] {
  return Object.values(paths)
    .map((one) => path.relative(root, String(one)))
    .filter((one) => one !== '');
}

describe('the reference of files', () => {
  const root = path.resolve('/data');
  const runFolder = path.join('runs', '<runId>');
  const own = relativePaths(dataRootPaths(root), root);
  const ofRuns = relativePaths(runPaths(root, '<runId>'), root).filter((one) => one !== runFolder);

  it.each([...own, ...ofRuns])('lists %s', (relative) => {
    expect(isListed(relative)).toBe(true);
  });

  it.each(listed)('lists %s, whose place the code knows', (one) => {
    // That a file of a run is below `runs` says nothing of it.
    const places = [...own.filter((place) => place !== 'runs'), ...ofRuns];
    const isKnown = places.some(
      (known) => one === known || one.startsWith(`${known}/`) || one.startsWith(`${known}.`),
    );
    // It is beside the warehouse, and its name is made from that of the warehouse.
    expect(isKnown || one === 'warehouse.v<version>.duckdb').toBe(true);
  });

  it.each(FORMATS)('lists every field of $heading, and no other', ({ heading, parts }) => {
    const fields = parts.flatMap(([file, name, prefix = '']) =>
      types.namesOf(file, name).map((field) => `${prefix}${field}`),
    );
    expect([...namesOf(page.table(heading))].sort()).toEqual(leaves(fields));
  });

  it('lists every place below plan/, and no other', () => {
    const folders = placesBelowPlan();
    const places = namesOf(page.table('Plan')).map((one) => one.split('/')[0] ?? '');
    expect(places.sort()).toEqual(['index-<page>.json', 'lanes', 'recall.json', ...folders].sort());
    expect(planPageName(0)).toMatch(/^index-\d+\.json$/);
    expect(laneFileName('l')).toBe('lanes/l.ndjson');
  });

  it('lists every field of the note that calls batches back', () => {
    const read = types.namesOf('files/run/drain-request.ts', 'schema');
    expect(namesOf(page.table('recall.json'))).toEqual(['v', ...read]);
  });

  it.each([
    ['Outcomes', 'Outcome'],
    ['Verdicts', 'Verdict'],
  ])('lists every value below "%s", and no other', (heading, type) => {
    const values = types.literalsOf('contract/outcome.ts', type);
    expect([...namesOf(page.table(heading))].sort()).toEqual([...values].sort());
  });

  it('lists the columns of catalog.parquet that are ours', () => {
    expect(namesOf(page.table('catalog.parquet'))).toEqual([...OWN_COLUMNS]);
  });

  it('says for every place of the data root whether it may be deleted', () => {
    const places = namesOf(page.table('What may be deleted'));
    const silent = own.filter(
      (one) => !places.some((place) => place === one || place.startsWith(`${one}/`)),
    );
    // Its holder has it open. `raw/` stands for the folders in it.
    expect(silent).toEqual([path.join('raw', 'images', 'thumbs'), 'warehouse.lock']);
  });

  it('names only extensions that images can have', () => {
    const source = fs.readFileSync(
      path.join(__dirname, '../../src/images/image-signature.ts'),
      'utf8',
    );
    const extensions = [...source.matchAll(/allowedFormat\('\w+', '(\w+)'\)/g)].map(
      ([, one]) => one,
    );
    const line = /`<ext>` comes from the bytes: (.*)\./.exec(page.section('Images'))?.[1] ?? '';
    expect(line.replaceAll('`', '').split(', ')).toEqual(extensions);
  });
});
