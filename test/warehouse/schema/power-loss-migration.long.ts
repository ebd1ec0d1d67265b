/**
 * The machine loses its power while the warehouse of the first schema version is migrated, and
 * after it: at each copy, link, rename, sync and removal, and at some of the statements. The disk
 * keeps what it was told to flush, and a part of what came later.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunRecord } from '../../../src/contract/payloads';
import { createLogger } from '../../../src/log';
import { createWarehouse } from '../../../src/warehouse/warehouse';
import {
  canCutDisks,
  CuttableDisk,
  type CutDisk,
  type FileSystem,
} from '../../helpers/failures/cuttable-disk';
import { seededNumbers } from '../../helpers/seeded-random';
import { database } from '../warehouse-fixture';
import { LATER_SCHEMA, LATER_VERSION } from './later-schema';
import { restoreDataRoot } from './stored-data-roots';

const FIRST_VERSION = 1;
const LIMIT_MS = 1_200_000;

/** Of the points after a statement, each so many-th is taken. */
const STATEMENTS_STEP = 6;

const CALLS: ReadonlySet<string> = new Set([
  ...['copyFile', 'copyFileSync', 'linkSync', 'renameSync', 'fsyncSync', 'rmSync'],
]);

const RECORD: RunRecord = {
  ...{ runId: 'r3', workflowId: 'w-r3', state: 'completed', code: null, detail: null },
  ...{ startedAt: '2026-03-01T00:00:00.000Z', endedAt: null, steps: [] },
};

let folder: string;
let disk: CuttableDisk | null = null;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-migration-'));
});
afterEach(() => {
  disk?.dispose();
  disk = null;
  fs.rmSync(folder, { recursive: true });
});

const rootOf = (point: number): string => path.join(folder, `point-${point}`);

/**
 * Puts a data root of the first version on the disk, and migrates it in a process that kills itself
 * at `point`, or does not at 0.
 *
 * @returns what happened at each point, or null if the process was killed.
 */
function migrateUntil(point: number): readonly string[] | null {
  restoreDataRoot(FIRST_VERSION, rootOf(point));
  execFileSync('sync', ['--file-system', folder]);
  const script = path.join(__dirname, 'migrate-and-die.cjs');
  const words = [script, rootOf(point), String(point), ''];
  const { signal, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (signal === 'SIGKILL') return null;
  expect(stderr).toBe('');
  return JSON.parse(stdout) as readonly string[];
}

/** The rows of a query on the file of a warehouse, read with DuckDB alone. */
async function ask(root: string, sql: string): Promise<readonly object[]> {
  const instance = await DuckDBInstance.create(path.join(root, 'warehouse.duckdb'));
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const CONTENT = 'SELECT source_image_id, state, thumb_path, downloaded_at FROM image ORDER BY 1';

/** Starts the later program, which must complete the migration with all content. */
async function expectMigrated(root: string, content: readonly object[]): Promise<void> {
  const [former] = await ask(root, 'SELECT max(version) AS version FROM schema_version');
  expect([{ version: FIRST_VERSION }, { version: LATER_VERSION }]).toContainEqual(former);
  const log = createLogger({ level: 'silent', pretty: false });
  const options = { dataRoot: root, database, log, schema: LATER_SCHEMA };
  await createWarehouse(options).recordRun(RECORD);
  expect(await ask(root, CONTENT)).toEqual(content);
  const versions = await ask(root, 'SELECT version FROM schema_version ORDER BY 1');
  expect(versions).toHaveLength(LATER_VERSION);
}

const FILE_SYSTEMS: readonly FileSystem[] = ['ext4', 'xfs'];

describe.each(FILE_SYSTEMS)('on %s, a migration whose machine loses its power', (inside) => {
  (canCutDisks(inside) ? it : it.skip)(
    'leaves the former warehouse or the new one, and the next start completes it',
    async () => {
      const cuttable = CuttableDisk.create(folder, inside);
      disk = cuttable;
      const next = seededNumbers(1);
      const happened = migrateUntil(0) ?? [];
      const content = await ask(rootOf(0), CONTENT);
      expect(content.length).toBeGreaterThan(2);
      const points = happened.flatMap((what, index) =>
        CALLS.has(what) || index % STATEMENTS_STEP === 0 ? [index + 1] : [],
      );
      expect(points.length).toBeGreaterThan(20);
      const cuts = points.map((point): readonly [number, CutDisk] => {
        expect({ point, lived: migrateUntil(point) }).toEqual({ point, lived: null });
        return [point, cuttable.cut('flushed', () => next() / 2 ** 24)];
      });
      for (const [point, cut] of cuts) {
        cuttable.restore(cut);
        await expectMigrated(rootOf(point), content).catch((error: unknown) => {
          const what = happened[point - 1] ?? '';
          throw new Error(`cut at point ${point}, ${what}`, { cause: error });
        });
      }
    },
    LIMIT_MS,
  );
});
