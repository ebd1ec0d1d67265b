/**
 * The download lease on disk: numbered files in `lease/`, of which the highest names the holder. A
 * process takes the lease by creating the next number, which only one process can do. The current
 * holder's file is never deleted.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../data-root';
import { onDisk } from '../disk-errors';
import { linkUnlessTaken } from '../link-or-copy';
import { parseJson } from '../parse-json';
import { namesIfPresent, readIfPresent } from '../read-if-present';
import { tempName } from '../temp-names';

const schema = z.object({
  v: z.literal(1),
  runId: z.string(),
  childWorkflowId: z.string(),
  takenAt: z.string(),
});

/** The holder of the lease. `number` is the number of its file, `takenAt` is ISO 8601 UTC. */
export interface LeaseHolder {
  readonly number: number;
  readonly runId: string;
  readonly childWorkflowId: string;
  readonly takenAt: string;
}

/**
 * The holder of the lease, or null if it was never held. If the holder's file is missing, or was
 * torn by a power failure, `childWorkflowId` is empty and the lease is free.
 *
 * @throws StepError disk_* when the file exists and cannot be read: its holder may be downloading.
 */
export function leaseHolder(root: string): LeaseHolder | null {
  return onDisk('read the download lease', () => {
    const number = highestNumber(dataRootPaths(root).lease);
    if (number === 0) return null;
    const text = readIfPresent(leaseFile(root, number)) ?? '';
    const noHolder = { runId: '', childWorkflowId: '', takenAt: '' };
    const { runId, childWorkflowId, takenAt } = parseJson(schema, text) ?? noHolder;
    return { number, runId, childWorkflowId, takenAt };
  });
}

/**
 * Takes the lease from `after`, the last known holder. Not idempotent: the caller must have checked
 * that this holder is gone.
 *
 * @returns false when another process took the lease first.
 */
export function takeLease(
  root: string,
  after: LeaseHolder | null,
  newHolder: Pick<LeaseHolder, 'runId' | 'childWorkflowId'>,
): boolean {
  const { lease, tmp } = dataRootPaths(root);
  fs.mkdirSync(lease, { recursive: true });
  fs.mkdirSync(tmp, { recursive: true });
  const number = (after?.number ?? 0) + 1;
  const temp = path.join(tmp, tempName('lease'));
  fs.writeFileSync(
    temp,
    JSON.stringify({ v: 1, ...newHolder, takenAt: new Date().toISOString() }),
    {
      flag: 'wx',
    },
  );
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

function highestNumber(folder: string): number {
  const numbers = namesIfPresent(folder).map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number)));
}
