/**
 * Any text passes unchanged through catalog, plan, ledger, warehouse, snapshot and command line.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import naughty from 'big-list-of-naughty-strings';
import fc from 'fast-check';
import { idProblem } from '../../src/catalog/image-id';
import type { CatalogFormat } from '../../src/contract/run-input';
import { outcomeLine } from '../../src/download/entry/outcome-line';
import { openLedger } from '../../src/files/ledger/ledger-writer';
import { resolvedInLane, resolvedKey } from '../../src/files/ledger/ledger-reader';
import { createLogger } from '../../src/log';
import type { Row } from '../../src/warehouse/driver/database';
import { querySnapshot } from '../../src/warehouse/snapshot/query-snapshot';
import { createWarehouse } from '../../src/warehouse/warehouse';
import { PlanFixture } from '../plan/plan-fixture';
import { database, urlHash } from './warehouse-fixture';

const BUDGET = { connections: 8, requestsPerSecond: 20 };
const STATES = `SELECT source_image_id AS id, state, text
  FROM image JOIN catalog_row USING (source_image_id) ORDER BY image.record`;
const COMMAND = path.join(__dirname, '../../bin/artemis-pipeline.js');

/** Texts that decoders, parsers or databases are known to change, by kind. */
const TEXTS_BY_KIND = {
  byteOrderMarks: [
    '\ufeffbom first',
    'bom \ufeff inside',
    'bom last\ufeff',
    '\ufeff',
    '\ufeff\ufefftwo',
  ],
  otherUnicode: [
    '\ufffd',
    '\ufffe',
    '\uffff',
    '\u{10ffff}',
    '\u{1f600}',
    '\u2028line',
    'paragraph\u2029',
  ],
  normalForms: ['e\u0301', '\u00e9', '\u212b', '\u00c5', '\ufb01', 'I', 'ı', 'i'],
  whitespace: [
    ' leading',
    'trailing ',
    '\u00a0no-break\u00a0',
    '\u0085next line',
    'a\tb',
    '\u200bzero',
  ],
  quotesAndBreaks: [
    '"',
    '""',
    "'",
    "''",
    '\\',
    '\\n',
    '\\u0000',
    '`',
    'a,b;c',
    'a\nb',
    'a\r\nb',
    'a\rb',
  ],
  controlsAndNames: [
    '\u0001',
    '\u001b[31mred',
    '\u007f',
    'NULL',
    'null',
    'nan',
    'true',
    '007',
    '1e3',
    '-0',
  ],
  formulasAndPaths: [
    '=1+1',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(1)',
    '\n=1+1',
    '$1',
    '${x}',
    '{}',
    '[]',
    '%00',
    '&amp;',
    '../..',
    '-rf',
    '\u202eright to left',
  ],
  longTexts: ['x'.repeat(64 * 1024), '\u{1f600}'.repeat(16 * 1024)],
};
const KINDS: readonly string[] = Object.values(TEXTS_BY_KIND).flat();

const SEED = Number(process.env.TEXT_SEED ?? 15);
const random = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), {
  seed: SEED,
  numRuns: 400,
});
const ids = [...new Set([...KINDS, ...naughty, ...random])].filter((id) => idProblem(id) === null);
/** Besides its id, each image has a column with a text that is not allowed in an id. */
const rows = ids.map((id, n) => ({
  id,
  url: `http://h/${n}`,
  text: `${id}\0${Array.from(id).slice(0, 3).join('')}`,
}));

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

it('every kind of text that this test covers is accepted as an id', () => {
  expect(KINDS.filter((id) => idProblem(id) !== null)).toEqual([]);
});

it.each(['csv', 'tsv', 'ndjson', 'json', 'parquet'] as const)(
  'ids and other columns of a catalog in %s reach the command line unchanged',
  async (format) => {
    const catalog = await writeCatalog(format);
    const parsed = await fixture.parse(catalog, { format });
    expect(parsed).toMatchObject({ images: rows.length, rejected: 0, duplicates: 0 });
    const log = createLogger({ level: 'silent', pretty: false });
    const warehouse = createWarehouse({ dataRoot: fixture.root, database, log });
    const { runId } = fixture;
    const target = { warehouseId: 'w', runId };
    const { parquet, rejects } = parsed;
    await warehouse.mergeCatalog({
      ...target,
      parquet,
      rejects,
      maxRemoved: 1,
      record: runRecord(runId),
    });
    await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });

    expect(await plannedIds()).toEqual(ids);
    await writeLedger();
    const lane = { root: fixture.root, runId, lane: 'l1', sinceDispatch: 0 };
    const settled = await resolvedInLane(lane);
    expect(rows.filter(({ id, url }) => !settled.has(resolvedKey(id, urlHash(url))))).toEqual([]);
    await warehouse.commitLedgers(target);
    await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });

    const states = await askSnapshot(STATES);
    expect(states).toEqual(rows.map(({ id, text }) => ({ id, state: 'stored', text })));
    const facts = await askSnapshot(
      'SELECT [source_image_id] AS ids FROM fact_download ORDER BY line',
    );
    expect(facts.map((row) => JSON.parse(String(row.ids)) as unknown)).toEqual(
      ids.map((id) => [id]),
    );
    if (format !== 'csv') return;
    expect(JSON.parse(runQueryCommand(STATES, 'json'))).toEqual(states);
    const csv = runQueryCommand('SELECT source_image_id AS id FROM image ORDER BY record', 'csv');
    expect(csv).toBe(['id', ...ids.map(csvCell)].map((cell) => `${cell}\r\n`).join(''));
  },
);

/** The ids in the plan, in catalog order. */
async function plannedIds(): Promise<readonly string[]> {
  const lanes = await fixture.lanes(await fixture.plan({ hosts: { default: BUDGET } }));
  const entries = await Promise.all(lanes.map((lane) => fixture.entries(lane)));
  return entries.flat().flatMap((entry) => entry.ids.map(({ id }) => id));
}

async function writeLedger(): Promise<void> {
  const { root, runId } = fixture;
  const source = { lane: 'l1', execution: 'e1', dispatch: 1, attempt: 1 };
  const ledger = openLedger({ root, runId, lane: 'l1', execution: 'e1' });
  const size = { bytes: 1, width: 1, height: 1 };
  const file = { ...size, path: 'raw/x', sha256: 'ab', format: 'png', verdict: 'valid' as const };
  for (const { id, url } of rows) {
    const image = { id, urlHash: urlHash(url), file: null };
    const happened = {
      outcome: 'stored',
      code: null,
      retryable: false,
      file,
      detail: null,
    } as const;
    ledger.append(outcomeLine(source, image, happened, { requests: 1, answer: null }));
  }
  await ledger.close();
}

async function askSnapshot(sql: string): Promise<readonly Row[]> {
  return (await querySnapshot({ dataRoot: fixture.root, sql, database })).rows;
}

function runQueryCommand(sql: string, format: 'csv' | 'json'): string {
  const args = [COMMAND, 'query', sql, '--format', format, '--data', fixture.root];
  return execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** A cell as documented: text that a spreadsheet would evaluate gets an apostrophe. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function writeCatalog(format: CatalogFormat): Promise<string> {
  const name = `listing.${format}`;
  const objects = rows.map((row) => JSON.stringify(row));
  if (format === 'ndjson') return fixture.write(name, objects.join('\n'));
  if (format === 'json') return fixture.write(name, `[${objects.join(',')}]`);
  if (format === 'parquet') return writeParquet(fixture.write(name, ''));
  const between = format === 'tsv' ? '\t' : ',';
  const lines = rows.map(({ id, url, text }) => [id, url, text].map(csvQuoted).join(between));
  return fixture.write(name, ['id,url,text'.replaceAll(',', between), ...lines].join('\n'));
}

function csvQuoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

async function writeParquet(catalog: string): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run('CREATE TABLE t (id VARCHAR, url VARCHAR, text VARCHAR)');
  const appender = await connection.createAppender('t');
  for (const row of rows) {
    for (const value of [row.id, row.url, row.text]) appender.appendVarchar(value);
    appender.endRow();
  }
  appender.closeSync();
  fs.rmSync(fixture.path(catalog));
  await connection.run(`COPY t TO '${fixture.path(catalog)}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return catalog;
}

function runRecord(runId: string) {
  const [startedAt, state] = ['2026-01-01T00:00:00.000Z', 'running'] as const;
  const none = { code: null, detail: null, endedAt: null };
  return { ...none, runId, workflowId: 'w', state, startedAt, steps: [] };
}
