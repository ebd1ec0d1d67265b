/** How publications of the snapshot are told apart. */
import type { Stats } from 'node:fs';

/** @returns an id that differs for every publication, as the header X-Snapshot has it. */
export function snapshotId({ ino, mtime }: Pick<Stats, 'ino' | 'mtime'>): string {
  return `${ino.toString(36)}-${Math.round(mtime.getTime()).toString(36)}`;
}
