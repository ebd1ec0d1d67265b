import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FOLDER_VARIABLE } from './shared-server';

/**
 * Compiles `src` before the first test, because tests that start processes start the built program.
 * Chooses the folder in which suites find the Temporal server of all suites once one has started
 * it.
 */
export default function beforeAllSuites(): void {
  const run = spawnSync(
    process.execPath,
    [path.join(__dirname, '../../../bin/artemis-pipeline.js'), '--version'],
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`src does not compile:\n${run.stderr}`);
  useMemory();
  collectLessOften();
  process.env[FOLDER_VARIABLE] = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-test-server-'));
}

/** A file system in memory, which Linux has, and the bytes that must be free there. */
const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4e9;

/**
 * Lets all suites keep their data roots in memory unless TMPDIR names a folder. Every call is made
 * as on a disk, and a kill loses as little. But no test waits for the syncs of a disk, which took
 * half of the time of a stored image. Tests of the long tier run on the disk (package.json sets
 * TMPDIR).
 */
function useMemory(): void {
  if (process.env.TMPDIR !== undefined || !fs.existsSync(MEMORY)) return;
  const { bavail, bsize } = fs.statfsSync(MEMORY);
  if (bavail * bsize > ENOUGH_BYTES) process.env.TMPDIR = MEMORY;
}

/**
 * Lets Temporal's server and CLI, which are Go programs, collect garbage when their heap has grown
 * sixfold instead of twofold, unless GOGC is set. The heap of a server of tests is small, and
 * collecting it took a fifth of the server's processor time.
 *
 * @see Go's documentation, "A Guide to the Go Garbage Collector", GOGC
 */
function collectLessOften(): void {
  process.env.GOGC ??= '500';
}
