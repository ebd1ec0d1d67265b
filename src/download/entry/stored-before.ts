/** A file that the URL of an entry gave to an image of another id: its bytes need no request. */
import type { PlanEntry } from '../../contract/plan-entry';
import type { Resolved } from './entry-result';
import { isRecordedFileWhole } from './place-file';

/**
 * The result for all ids of an entry whose URL has a stored file with the recorded hash.
 *
 * @returns null when there is none, so that the URL must be requested.
 * @throws errors of the file system.
 */
export async function storedBefore(
  root: string,
  { stored }: Pick<PlanEntry, 'stored'>,
): Promise<Resolved | null> {
  if (stored === undefined || !(await isRecordedFileWhole(root, stored))) return null;
  const { etag, lastModified, ...facts } = stored;
  const detail = `linked to ${stored.path}, which the same URL gave before: no request was sent`;
  return {
    result: { kind: 'sibling', sibling: { facts, detail, isConfirmed: false } },
    trace: { requests: 0, answer: { status: null, etag, lastModified, finalHost: null } },
  };
}
