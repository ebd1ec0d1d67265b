/** Gives each id of an entry its file, under its final name. */
import fs from 'node:fs';
import path from 'node:path';
import type { PlannedImage, RecordedFile } from '../../contract/plan-entry';
import { underRoot } from '../../files/data-root';
import { sha256OfFile } from '../../files/hash-file';
import { PathConflict, linkImage, storeImage } from '../../files/image-store';
import type { EntryResult, SiblingFile, StoredBody } from './entry-result';
import type { FileFacts, Happened } from './outcome-line';

/** Turns an entry's result into what happened to each of its ids, one by one. */
export interface FilePlacer {
  /** @throws StepError disk_*. */
  place(image: PlannedImage): Happened;
  /** Removes the temporary file when no id took it. */
  close(): void;
}

export function createFilePlacer(root: string, result: EntryResult): FilePlacer {
  switch (result.kind) {
    case 'stored':
      return placerOfBody(root, result.stored);
    case 'sibling':
      return { place: placeBeside(root, result.sibling), close: () => undefined };
    case 'notModified':
      return { place: ({ file }) => notModified(root, file), close: () => undefined };
    case 'failed': {
      const { code, retryable, detail } = result;
      const happened: Happened = { outcome: 'failed', code, retryable, detail, file: null };
      return { place: () => happened, close: () => undefined };
    }
  }
}

/** A recorded file is there, and its bytes are the recorded ones. */
export async function isWhole(
  root: string,
  file: Pick<RecordedFile, 'path' | 'sha256'>,
): Promise<boolean> {
  const at = underRoot(root, file.path);
  return fs.existsSync(at) && (await sha256OfFile(at)) === file.sha256;
}

/** The first id takes the file that came, the others link to it. A conflict is one id's own. */
function placerOfBody(root: string, stored: StoredBody): FilePlacer {
  const { temp, body, check } = stored;
  const detail = detailOf(stored);
  const { sha256 } = body;
  const { extension } = check;
  let link: ((image: PlannedImage) => Happened) | null = null;
  return {
    place: (image) =>
      link?.(image) ??
      unlessConflict(() => {
        const naming = { root, id: image.id, sha256, extension };
        const facts = factsOf(stored, storeImage({ ...naming, tempPath: temp.path }));
        link = createLinker({ root, facts, extension, detail });
        return storedAs(facts, detail);
      }),
    close: () => {
      // Once it has its final name there is nothing to remove.
      if (link === null) temp.discard();
    },
  };
}

function placeBeside(
  root: string,
  { facts, detail, isConfirmed }: SiblingFile,
): (image: PlannedImage) => Happened {
  const extension = path.extname(facts.path).slice(1);
  const link = createLinker({ root, facts, extension, detail });
  if (!isConfirmed) return link;
  // The files of all ids were compared before that request was sent.
  return (image) =>
    image.file?.sha256 === facts.sha256 ? notModified(root, image.file) : link(image);
}

/** Each id gets a file that is a link to the one in `facts`. */
function createLinker(options: {
  readonly root: string;
  readonly facts: FileFacts;
  readonly extension: string;
  readonly detail: string | null;
}): (image: PlannedImage) => Happened {
  const { root, facts, extension, detail } = options;
  const { sha256 } = facts;
  let from = facts.path;
  return ({ id }) =>
    unlessConflict(() => {
      const linked = linkImage({ root, id, sha256, extension, from });
      from = linked.linkable;
      return storedAs({ ...facts, path: linked.path }, detail);
    });
}

/** A recorded file that is still the one. @throws errors of the file system. */
function notModified(root: string, file: RecordedFile | null): Happened {
  if (file === null) throw new Error('an image without a file was confirmed');
  return {
    outcome: 'not_modified',
    code: null,
    retryable: false,
    detail: null,
    file: {
      path: file.path,
      sha256: file.sha256,
      bytes: fs.statSync(underRoot(root, file.path)).size,
      width: null,
      height: null,
      format: null,
      verdict: null,
    },
  };
}

function factsOf({ body, check }: StoredBody, file: string): FileFacts {
  const { width, height, format, verdict } = check;
  return { path: file, bytes: body.byteCount, sha256: body.sha256, width, height, format, verdict };
}

function detailOf({ check, remark }: StoredBody): string | null {
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
