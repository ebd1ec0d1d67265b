/**
 * The download lease on disk: numbered files in `lease/`, the highest names the holder.
 * Taking it is creating the next number, which only one process can do; nothing is ever deleted under a holder's feet.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../data-root';
import { onDisk } from '../disk-errors';
import { linkUnlessTaken } from '../link-or-copy';
import { tempName } from '../temp-names';

const schema = z.object({
  v: z.literal(1),
  runId: z.string(),
  childWorkflowId: z.string(),
  takenAt: z.string(),
});

/** Who holds the lease. `number` is its file's number, `takenAt` ISO 8601 UTC. */
export interface LeaseHolder {
  readonly number: number;
  readonly runId: string;
  readonly childWorkflowId: string;
  readonly takenAt: string;
}

/**
 * The holder; null when nobody ever held the lease. A file that is gone, or that a loss of power tore, names nobody: its
 * `childWorkflowId` is empty, and the lease is free.
 *
 * @throws StepError disk_* when the file is there and cannot be read: its holder may be downloading.
 */
export function leaseHolder(root: string): LeaseHolder | null {
  return onDisk('read the download lease', () => {
    const number = highest(dataRootPaths(root).lease);
    if (number === 0) return null;
    const text = contentOf(leaseFile(root, number));
    const nobody = { runId: '', childWorkflowId: '', takenAt: '' };
    const { runId, childWorkflowId, takenAt } = parsed(text) ?? nobody;
    return { number, runId, childWorkflowId, takenAt };
  });
}

function contentOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parsed(text: string): z.infer<typeof schema> | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Takes the lease after the holder seen; false when somebody else was quicker.
 *
 * **Idempotency** none: call it only when the holder seen is gone.
 */
export function takeLease(
  root: string,
  after: LeaseHolder | null,
  next: Pick<LeaseHolder, 'runId' | 'childWorkflowId'>,
): boolean {
  const { lease, tmp } = dataRootPaths(root);
  fs.mkdirSync(lease, { recursive: true });
  fs.mkdirSync(tmp, { recursive: true });
  const number = (after?.number ?? 0) + 1;
  const temp = path.join(tmp, tempName('lease'));
  fs.writeFileSync(temp, JSON.stringify({ v: 1, ...next, takenAt: new Date().toISOString() }), {
    flag: 'wx',
  });
  try {
    if (!linkUnlessTaken(temp, leaseFile(root, number))) return false;
    if (after !== null) fs.rmSync(leaseFile(root, after.number - 1), { force: true });
    return true;
  } finally {
    fs.rmSync(temp, { force: true });
  }
}

function leaseFile(root: string, number: number): string {
  return path.join(dataRootPaths(root).lease, `${String(number).padStart(8, '0')}.json`);
}

function highest(folder: string): number {
  const numbers = namesIn(folder).map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number)));
}

/** Not existsSync, which answers every error with false. */
function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
