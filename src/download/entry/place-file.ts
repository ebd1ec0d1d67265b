/** Gives the ids of an entry their files, under their final names. */
import fs from 'node:fs';
import path from 'node:path';
import type { PlannedImage, RecordedFile } from '../../contract/plan-entry';
import { underRoot } from '../../files/data-root';
import { sha256OfFile } from '../../files/sha256-of-file';
import { imagePath, olderImagePath } from '../../files/image-store/image-name';
import type { PlacedName } from '../../files/image-store/flush-group';
import type { Urgency } from '../../files/image-store/group-commit';
import type { GroupMember, ImageStore } from '../../files/image-store/image-store';
import type { ImageName } from '../../files/image-store/place-image';
import type { EntryResult, SiblingFile, StoredBody } from './entry-result';
import type { FileFacts, ImageOutcome } from './outcome-line';

/** Ids of one entry that were added to a group. */
export interface JoinedIds {
  /**
   * The outcome of each id, in their order. Their files are durable.
   *
   * @throws StepError disk_*, in which case none of them counts.
   */
  readonly durable: Promise<readonly ImageOutcome[]>;
}

/** Turns an entry's result into the outcomes of its ids. */
export interface FilePlacer {
  /**
   * Adds ids to a group, and waits until a group accepts them: at most {@link
   * MAX_NAMES_PER_MEMBER}, and not before those of the last call are durable.
   */
  join(images: readonly PlannedImage[], urgency: Urgency): Promise<JoinedIds>;
  /** Removes the temporary file when no id uses it. */
  close(): void;
}

export interface PlacingTools {
  readonly root: string;
  readonly groups: ImageStore['groups'];
}

export function createFilePlacer(tools: PlacingTools, result: EntryResult): FilePlacer {
  switch (result.kind) {
    case 'stored':
      return placerForBody(tools, result.stored);
    case 'sibling':
      return placerForSibling(tools, result.sibling);
    case 'notModified':
      return placerWithoutFile(({ file }) => notModifiedOutcome(tools.root, file));
    case 'failed': {
      const { code, retryable, detail } = result;
      const failedOutcome: ImageOutcome = {
        outcome: 'failed',
        code,
        retryable,
        detail,
        file: null,
      };
      return placerWithoutFile(() => failedOutcome);
    }
  }
}

/** A placer for outcomes without a new file. */
function placerWithoutFile(outcomeOf: (image: PlannedImage) => ImageOutcome): FilePlacer {
  return {
    join: (images) => Promise.resolve({ durable: Promise.resolve(images.map(outcomeOf)) }),
    close: () => undefined,
  };
}

/** Whether a recorded file exists and its bytes match the recorded hash. */
export async function isRecordedFileWhole(
  root: string,
  file: Pick<RecordedFile, 'path' | 'sha256'>,
): Promise<boolean> {
  const absolutePath = underRoot(root, file.path);
  return fs.existsSync(absolutePath) && (await sha256OfFile(absolutePath)) === file.sha256;
}

/** All ids get a link to the fetched file. A conflict concerns one id only. */
function placerForBody(tools: PlacingTools, stored: StoredBody): FilePlacer {
  const { temp, body, check } = stored;
  const linker = createLinker(tools, {
    facts: factsOfBody(stored),
    extension: check.extension,
    detail: detailOfBody(stored),
    source: temp,
    bytes: body.byteCount,
  });
  return {
    join: linker.join,
    close: () => {
      // A file that has its final name is no longer temporary.
      if (!linker.hasNamed()) temp.discard();
    },
  };
}

function placerForSibling(tools: PlacingTools, sibling: SiblingFile): FilePlacer {
  const { facts, detail, isConfirmed } = sibling;
  const extension = path.extname(facts.path).slice(1);
  const source = { relative: facts.path };
  const linker = createLinker(tools, { facts, extension, detail, source, bytes: 0 });
  // The files of all ids were compared before that request was sent.
  const isSame = ({ file }: PlannedImage): boolean => isConfirmed && file?.sha256 === facts.sha256;
  return {
    join: async (images, urgency) => {
      const same = images.filter(isSame);
      const others = images.filter((image) => !isSame(image));
      const { durable } = await linker.join(others, urgency);
      return {
        durable: durable.then((linked) => {
          const outcomes = new Map([
            ...same.map((image) => [image, notModifiedOutcome(tools.root, image.file)] as const),
            ...others.flatMap((image, nth) => pairUnlessMissing(image, linked[nth])),
          ]);
          return images.flatMap((image) => outcomes.get(image) ?? []);
        }),
      };
    },
    close: () => undefined,
  };
}

function pairUnlessMissing<A, B>(a: A, b: B | undefined): readonly (readonly [A, B])[] {
  return b === undefined ? [] : [[a, b]];
}

interface LinkerOptions {
  readonly facts: Omit<FileFacts, 'path'>;
  readonly extension: string;
  readonly detail: string | null;
  readonly source: GroupMember['source'];
  /** The size of a source that is not stored yet. */
  readonly bytes: number;
}

/** Gives each id a file that is a link to the source. */
function createLinker(
  { groups }: PlacingTools,
  { facts, extension, detail, ...first }: LinkerOptions,
) {
  const { sha256 } = facts;
  let { source, bytes } = first;
  const nameOf = ({ id, file }: PlannedImage): ImageName => {
    const image = { id, sha256, extension };
    const older = olderImagePath(image);
    return { relative: file?.path === older ? older : imagePath(image), sha256 };
  };
  const outcomeOfPlaced = (placed: PlacedName): ImageOutcome =>
    placed.kind === 'placed'
      ? storedOutcome({ ...facts, path: placed.relative }, detail)
      : conflictOutcome(placed.detail);
  return {
    join: async (images: readonly PlannedImage[], urgency: Urgency): Promise<JoinedIds> => {
      if (images.length === 0) return { durable: Promise.resolve([]) };
      const member = { source, names: images.map(nameOf), bytes };
      const { durable } = await groups.join(member, urgency);
      return {
        durable: durable.then((placed) => {
          if (placed.source !== null) {
            source = placed.source;
            bytes = 0;
          }
          return placed.names.map(outcomeOfPlaced);
        }),
      };
    },
    hasNamed: () => source !== first.source,
  };
}

/**
 * The outcome of an image whose recorded file is still current.
 *
 * @throws errors of the file system.
 */
function notModifiedOutcome(root: string, file: RecordedFile | null): ImageOutcome {
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

function factsOfBody({ body, check }: StoredBody): Omit<FileFacts, 'path'> {
  const { width, height, format, verdict } = check;
  return { bytes: body.byteCount, sha256: body.sha256, width, height, format, verdict };
}

function detailOfBody({ check, remark }: StoredBody): string | null {
  const remarks = [check.detail, remark].filter((one) => one !== null);
  return remarks.length === 0 ? null : remarks.join('; ');
}

function storedOutcome(file: FileFacts, detail: string | null): ImageOutcome {
  return { outcome: 'stored', code: null, retryable: false, detail, file };
}

function conflictOutcome(detail: string): ImageOutcome {
  return { outcome: 'failed', code: 'path_conflict', retryable: false, detail, file: null };
}
