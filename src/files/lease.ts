/**
 * The download lease on disk: numbered files in `lease/`, the highest names the holder.
 * Taking it is creating the next number, which only one process can do; nothing is ever deleted under a holder's feet.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from './data-root';
import { tempName } from './temp-names';

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

/** The holder; null when nobody ever held it, or its file cannot be read (then it is free). */
export function leaseHolder(root: string): LeaseHolder | null {
  const number = highest(dataRootPaths(root).lease);
  if (number === 0) return null;
  try {
    const text = fs.readFileSync(leaseFile(root, number), 'utf8');
    const { runId, childWorkflowId, takenAt } = schema.parse(JSON.parse(text));
    return { number, runId, childWorkflowId, takenAt };
  } catch {
    return { number, runId: '', childWorkflowId: '', takenAt: '' };
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
    fs.linkSync(temp, leaseFile(root, number));
    if (after !== null) fs.rmSync(leaseFile(root, after.number - 1), { force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(temp, { force: true });
  }
}

function leaseFile(root: string, number: number): string {
  return path.join(dataRootPaths(root).lease, `${String(number).padStart(8, '0')}.json`);
}

function highest(folder: string): number {
  if (!fs.existsSync(folder)) return 0;
  const numbers = fs.readdirSync(folder).map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number)));
}
