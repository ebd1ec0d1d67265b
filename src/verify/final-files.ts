/**
 * Checks K3, that every file under a final name has a ledger line, and K5, that none of these files
 * is partial.
 */
import path from 'node:path';
import { listLedgers, readLedger } from '../files/ledger/ledger-reader';
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { Finding, MOST_EXAMPLES, type Check } from './check-result';

/** The number of paths that are added to the table at once. */
const PATHS_PER_APPEND = 50_000;

/** The end of a final name: `<name>.<first 12 hex digits of the sha256>.<extension>`. */
const FINAL_NAME = String.raw`\.([0-9a-f]{12})\.[a-z]+$`;

const PARTIAL = `
  CASE WHEN NOT is_file THEN 'is no file'
       WHEN NOT regexp_matches(path, '${FINAL_NAME}') THEN 'has no name of ours'
       WHEN bytes = 0 THEN 'is empty'
       WHEN error IS NOT NULL THEN 'cannot be read (' || error || ')'
       WHEN substr(sha256, 1, 12) <> regexp_extract(path, '${FINAL_NAME}', 1)
         THEN 'has bytes whose sha256 begins with ' || substr(sha256, 1, 12) END`;

/**
 * Fills the tables `memory.main.stray_file` (files without a ledger line) and
 * `memory.main.partial_file` from `memory.main.disk_file`. Each has the columns path and problem.
 * The ledgers are read after the files were listed: a line is written after its file, so a listed
 * file soon has one.
 */
export async function stageWrongFiles(database: Database, dataRoot: string): Promise<void> {
  await stageLedgerPaths(database, dataRoot);
  await database.run(
    `CREATE TABLE memory.main.stray_file AS SELECT path, 'has no ledger line' AS problem
     FROM memory.main.disk_file d ANTI JOIN memory.main.ledger_path l ON l.path = d.path`,
  );
  await database.run(
    `CREATE TABLE memory.main.partial_file AS FROM (SELECT path, ${PARTIAL} AS problem FROM memory.main.disk_file)
     WHERE problem IS NOT NULL`,
  );
}

/**
 * Fills the table `memory.main.ledger_path` with every path that a line of a ledger on disk names,
 * whether it is committed or not.
 */
export async function stageLedgerPaths(database: Database, dataRoot: string): Promise<void> {
  await database.run('CREATE TABLE memory.main.ledger_path (path VARCHAR)');
  for await (const paths of pathsInLedgers(dataRoot))
    await database.append(
      'ledger_path',
      paths.map((one) => [one]),
    );
}

export async function checkFinalFiles(
  database: Database,
  dataRoot: string,
): Promise<readonly Check[]> {
  await stageWrongFiles(database, dataRoot);
  return [
    await checkTable(database, 'K3', 'stray_file'),
    await checkTable(database, 'K5', 'partial_file'),
  ];
}

async function checkTable(database: Database, id: string, table: string): Promise<Check> {
  const finding = new Finding(id);
  const { files } = await firstRow(database, 'SELECT count(*) AS files FROM memory.main.disk_file');
  finding.count(Number(files));
  const { problems } = await firstRow(
    database,
    `SELECT count(*) AS problems FROM memory.main.${table}`,
  );
  const first = await rowsOf(
    database,
    `SELECT path || ' ' || problem AS text FROM memory.main.${table} ORDER BY path LIMIT ${MOST_EXAMPLES}`,
  );
  finding.addProblems(
    Number(problems),
    first.map(({ text }) => String(text)),
  );
  return finding.check();
}

async function* pathsInLedgers(dataRoot: string): AsyncGenerator<readonly string[]> {
  let paths: string[] = [];
  for (const ledger of listLedgers({ root: dataRoot, runId: null })) {
    for await (const { line } of readLedger(path.join(dataRoot, ledger.path))) {
      if (typeof line?.path === 'string') paths.push(line.path);
      if (paths.length < PATHS_PER_APPEND) continue;
      yield paths;
      paths = [];
    }
  }
  yield paths;
}
