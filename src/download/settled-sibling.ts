/** What an execution before this one had settled of an entry: the rest of its ids need no request of their own. */
import path from 'node:path';
import type { LedgerLine } from '../contract/outcome';
import type { PlannedImage } from '../contract/plan-entry';
import { linesOfLane, settledKey, type LaneLedgers } from '../files/ledger-reader';
import type { EntryOutcome } from './entry-outcome';
import type { FileFacts, Happened } from './outcome-line';
import type { Settled } from './settle-entry';
import { isWhole, linkTo, notModified } from './shared-file';

/**
 * What becomes of an entry's other ids, by the line of one that is settled: a file that is whole, or else the failure. Null: ask.
 *
 * **Errors** those of the file system.
 */
export async function settledSibling(
  lane: LaneLedgers,
  siblings: readonly PlannedImage[],
): Promise<Settled | null> {
  if (siblings.length === 0) return null;
  const keys = new Set(siblings.map(({ id, urlHash }) => settledKey(id, urlHash)));
  let failure: LedgerLine | null = null;
  for await (const line of linesOfLane(lane)) {
    // A conflict is one id's own.
    if (!keys.has(settledKey(line.id, line.urlHash)) || line.code === 'path_conflict') continue;
    const file = fileOf(line);
    if (file === null) failure ??= line;
    else if (await isWhole(lane.root, file)) return settledAs(line, alike(lane.root, line, file));
  }
  return failure === null ? null : settledAs(failure, () => failedAs(failure));
}

function settledAs(line: LedgerLine, happened: EntryOutcome): Settled {
  const { status, etag, lastModified, finalHost } = line;
  const answer =
    status === null || finalHost === null ? null : { status, etag, lastModified, finalHost };
  return { happened, trace: { requests: 0, answer } };
}

function alike(root: string, line: LedgerLine, file: FileFacts): EntryOutcome {
  const link = linkTo(root, file, path.extname(file.path).slice(1), line.detail);
  if (line.outcome !== 'not_modified') return link;
  // The files of all ids were compared before that request was sent.
  return (image) =>
    image.file?.sha256 === file.sha256 ? notModified(root, image.file) : link(image);
}

function fileOf(line: LedgerLine): FileFacts | null {
  const { path: file, sha256, bytes, width, height, format, verdict } = line;
  if (file === null || sha256 === null || bytes === null) return null;
  return { path: file, sha256, bytes, width, height, format, verdict };
}

function failedAs({ outcome, code, retryable, detail }: LedgerLine): Happened {
  return { outcome, code, retryable, detail, file: null };
}
