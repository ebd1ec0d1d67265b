/** Names of temporary files, from which anybody can tell whether their maker is gone; and the sweep of those that are left. */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { isProcessAlive } from './process/is-process-alive';
import { listLedgers } from './ledger/ledger-reader';

const HOST = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);

/** Another machine's process cannot be asked: what it left is taken for dead after a day. **Units** ms. */
const FOREIGN_AGE_MS = 86_400_000;

/** `<what>-<machine>-<pid>-<random>`; an execution's files begin with its token. */
const NAME = /^(.+)-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}(\..+)?$/;

/** Random bytes are dear by the call, not by the byte. **Units** bytes. */
const RANDOM_BYTES = 6;
const POOL_BYTES = 1_024 * RANDOM_BYTES;
const pool = { bytes: Buffer.alloc(0), used: 0 };

export function tempName(what: string): string {
  if (pool.used === pool.bytes.length)
    Object.assign(pool, { bytes: randomBytes(POOL_BYTES), used: 0 });
  const random = pool.bytes.toString('hex', pool.used, pool.used + RANDOM_BYTES);
  pool.used += RANDOM_BYTES;
  return `${what}-${HOST}-${process.pid}-${random}`;
}

/**
 * Removes what dead processes left in `tmp/`, and what executions of `runId` did: that run has ended.
 *
 * **Shape** returns how many. Files that are not named as ours are left alone.
 */
export function sweepTempFiles(options: { readonly root: string; readonly runId: string }): number {
  const { tmp } = dataRootPaths(options.root);
  if (!fs.existsSync(tmp)) return 0;
  const ended = new Set(listLedgers(options).map(({ execution }) => execution));
  const left = fs.readdirSync(tmp).filter((name) => {
    const [, what = ''] = NAME.exec(name) ?? [];
    return ended.has(what) || isLeft(tmp, name);
  });
  for (const name of left) fs.rmSync(path.join(tmp, name), { recursive: true, force: true });
  return left.length;
}

/** Absolute paths of what dead processes left in `tmp/`. */
export function leftTempFiles(root: string): readonly string[] {
  const { tmp } = dataRootPaths(root);
  if (!fs.existsSync(tmp)) return [];
  const left = fs.readdirSync(tmp).filter((name) => isLeft(tmp, name));
  return left.map((name) => path.join(tmp, name));
}

/** By its name ours, and nobody's any more. */
function isLeft(tmp: string, name: string): boolean {
  const [, , host, pid] = NAME.exec(name) ?? [];
  return host !== undefined && isDead(path.join(tmp, name), host, Number(pid));
}

function isDead(file: string, host: string, pid: number): boolean {
  if (host !== HOST) return Date.now() - mtimeOf(file) > FOREIGN_AGE_MS;
  return !isProcessAlive(pid);
}

function mtimeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}
