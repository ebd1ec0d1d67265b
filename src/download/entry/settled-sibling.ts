/**
 * What an earlier attempt settled of an entry. The remaining ids of the entry need no request of
 * their own.
 */
import type { LedgerLine } from '../../contract/outcome';
import type { PlannedImage } from '../../contract/plan-entry';
import { linesOfLane, resolvedKey, type LaneLedgers } from '../../files/ledger/ledger-reader';
import type { EntryResult, Resolved } from './entry-result';
import type { FileFacts } from './outcome-line';
import { isRecordedFileWhole } from './place-file';

/**
 * The result for an entry's remaining ids, from the line of one that is settled: a file that is
 * whole, or else the failure.
 *
 * @returns null when no line is sufficient, so that the URL must be requested again.
 * @throws errors of the file system.
 */
export async function settledSibling(
  lane: LaneLedgers,
  siblings: readonly PlannedImage[],
): Promise<Resolved | null> {
  if (siblings.length === 0) return null;
  const keys = new Set(siblings.map(({ id, urlHash }) => resolvedKey(id, urlHash)));
  let failure: LedgerLine | null = null;
  for await (const line of linesOfLane(lane)) {
    // A conflict concerns one id only.
    if (!keys.has(resolvedKey(line.id, line.urlHash)) || line.code === 'path_conflict') continue;
    const facts = factsOfLine(line);
    if (facts === null) failure ??= line;
    else if (await isRecordedFileWhole(lane.root, facts)) {
      const { detail } = line;
      const isConfirmed = line.outcome === 'not_modified';
      return resolvedAs(line, { kind: 'sibling', sibling: { facts, detail, isConfirmed } });
    }
  }
  if (failure === null) return null;
  const { code, retryable, detail } = failure;
  return code === null
    ? null
    : resolvedAs(failure, { kind: 'failed', code, retryable, detail: detail ?? '' });
}

function resolvedAs(line: LedgerLine, result: EntryResult): Resolved {
  const { status, etag, lastModified, finalHost } = line;
  const answer =
    status === null || finalHost === null ? null : { status, etag, lastModified, finalHost };
  return { result, trace: { requests: 0, answer } };
}

function factsOfLine(line: LedgerLine): FileFacts | null {
  const { path: file, sha256, bytes, width, height, format, verdict } = line;
  if (file === null || sha256 === null || bytes === null) return null;
  return { path: file, sha256, bytes, width, height, format, verdict };
}
