/** The bytes that came for an entry become the file of each of its ids. */
import fs from 'node:fs';
import type { PlanEntry, RecordedFile } from '../contract/plan-entry';
import { underRoot } from '../files/data-root';
import { sha256OfFile } from '../files/hash-file';
import { PathConflict, linkImage, storeImage } from '../files/image-store';
import type { SavedBody } from '../http/save-body';
import type { ImageCheck } from '../images/image-checker';
import type { EntryOutcome } from './entry-outcome';
import type { FileFacts, Happened } from './outcome-line';

/** A file that has come, and is good. `remark`: of its answer. */
export interface Arrived {
  readonly path: string;
  readonly body: SavedBody;
  readonly check: ImageCheck & { ok: true };
  readonly remark: string | null;
}

/**
 * The first id's file is the one that came; the others will link to it. A conflict is one id's own.
 *
 * **Shape** `isPlaced`: the temporary file is gone. **Errors** StepError disk_*.
 */
export function storeArrived(
  root: string,
  { ids }: PlanEntry,
  came: Arrived,
): { readonly isPlaced: boolean; readonly outcome: EntryOutcome } {
  const { sha256 } = came.body;
  const { extension } = came.check;
  const known = new Map<string, Happened>();
  for (const { id } of ids) {
    const happened = unlessConflict(() => {
      const path = storeImage({ root, id, sha256, extension, tempPath: came.path });
      return storedAs(factsOf(came, path), detailOf(came));
    });
    known.set(id, happened);
    if (happened.file === null) continue;
    const link = linkTo(root, happened.file, extension, detailOf(came));
    return { isPlaced: true, outcome: (image) => known.get(image.id) ?? link(image) };
  }
  return { isPlaced: false, outcome: ({ id }) => knownOf(known, id) };
}

function knownOf(known: ReadonlyMap<string, Happened>, id: string): Happened {
  const happened = known.get(id);
  if (happened === undefined) throw new Error('an id of another entry');
  return happened;
}

/** Each id gets a file that is a link to `file`. */
export function linkTo(
  root: string,
  file: FileFacts,
  extension: string,
  detail: string | null,
): EntryOutcome {
  const { sha256 } = file;
  let from = file.path;
  return ({ id }) =>
    unlessConflict(() => {
      const { path, linkable } = linkImage({ root, id, sha256, extension, from });
      from = linkable;
      return storedAs({ ...file, path }, detail);
    });
}

/** A recorded file is there, and its bytes are the recorded ones. */
export async function isWhole(
  root: string,
  file: Pick<RecordedFile, 'path' | 'sha256'>,
): Promise<boolean> {
  const at = underRoot(root, file.path);
  return fs.existsSync(at) && (await sha256OfFile(at)) === file.sha256;
}

/** A recorded file that is still the one. **Errors** those of the file system. */
export function notModified(root: string, { path, sha256 }: RecordedFile): Happened {
  return {
    ...{ outcome: 'not_modified', code: null, retryable: false, detail: null },
    file: {
      ...{ path, sha256, bytes: fs.statSync(underRoot(root, path)).size },
      ...{ width: null, height: null, format: null, verdict: null },
    },
  };
}

function factsOf({ body, check }: Arrived, path: string): FileFacts {
  const { width, height, format, verdict } = check;
  return { path, bytes: body.byteCount, sha256: body.sha256, width, height, format, verdict };
}

function detailOf({ check, remark }: Arrived): string | null {
  const remarks = [check.detail, remark].filter((one) => one !== null);
  return remarks.length === 0 ? null : remarks.join('; ');
}

function storedAs(file: FileFacts, detail: string | null): Happened {
  return { outcome: 'stored', code: null, retryable: false, detail, file };
}

function unlessConflict(work: () => Happened): Happened {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PathConflict)) throw error;
    const { message: detail } = error;
    return { outcome: 'failed', code: 'path_conflict', retryable: false, detail, file: null };
  }
}
