/** Gives the ids of an entry their files, under their final names. */
import fs from 'node:fs';
import path from 'node:path';
import type { PlannedImage, RecordedFile } from '../../contract/plan-entry';
import { underRoot } from '../../files/data-root';
import { sha256OfFile } from '../../files/sha256-of-file';
import { imagePath, olderImagePath } from '../../files/image-store/image-name';
import type { GroupMember, PlacedName } from '../../files/image-store/flush-group';
import type { ImageStore } from '../../files/image-store/image-store';
import type { ImageName } from '../../files/image-store/place-image';
import type { EntryResult, SiblingFile, StoredBody } from './entry-result';
import type { FileFacts, Happened } from './outcome-line';

/** Ids of one entry that were taken into a group. */
export interface JoinedIds {
  /** What happened to each, in their order; their files are durable. @throws StepError disk_*: none of them counts. */
  readonly durable: Promise<readonly Happened[]>;
}

/** Turns an entry's result into what happened to its ids. */
export interface FilePlacer {
  /** At most {@link MOST_NAMES_OF_ONE} ids, and not before those of the last call are durable. Waits until a group takes them. */
  join(images: readonly PlannedImage[], isUrgent: boolean): Promise<JoinedIds>;
  /** Removes the temporary file when no id took it. */
  close(): void;
}

export interface PlacingTools {
  readonly root: string;
  readonly groups: ImageStore['groups'];
}

export function createFilePlacer(tools: PlacingTools, result: EntryResult): FilePlacer {
  switch (result.kind) {
    case 'stored':
      return placerOfBody(tools, result.stored);
    case 'sibling':
      return placerBeside(tools, result.sibling);
    case 'notModified':
      return placerOf(({ file }) => notModified(tools.root, file));
    case 'failed': {
      const { code, retryable, detail } = result;
      const happened: Happened = { outcome: 'failed', code, retryable, detail, file: null };
      return placerOf(() => happened);
    }
  }
}

/** No file is given to them. */
function placerOf(happened: (image: PlannedImage) => Happened): FilePlacer {
  return {
    join: (images) => Promise.resolve({ durable: Promise.resolve(images.map(happened)) }),
    close: () => undefined,
  };
}

/** A recorded file is there, and its bytes are the recorded ones. */
export async function isWhole(
  root: string,
  file: Pick<RecordedFile, 'path' | 'sha256'>,
): Promise<boolean> {
  const at = underRoot(root, file.path);
  return fs.existsSync(at) && (await sha256OfFile(at)) === file.sha256;
}

/** All ids get a link to the file that came. A conflict is one id's own. */
function placerOfBody(tools: PlacingTools, stored: StoredBody): FilePlacer {
  const { temp, body, check } = stored;
  const linker = createLinker(tools, {
    facts: factsOf(stored),
    extension: check.extension,
    detail: detailOf(stored),
    source: temp,
    bytes: body.byteCount,
  });
  return {
    join: linker.join,
    close: () => {
      // Once it has its final name there is nothing to remove.
      if (!linker.hasNamed()) temp.discard();
    },
  };
}

function placerBeside(tools: PlacingTools, sibling: SiblingFile): FilePlacer {
  const { facts, detail, isConfirmed } = sibling;
  const extension = path.extname(facts.path).slice(1);
  const source = { relative: facts.path };
  const linker = createLinker(tools, { facts, extension, detail, source, bytes: 0 });
  // The files of all ids were compared before that request was sent.
  const isSame = ({ file }: PlannedImage): boolean => isConfirmed && file?.sha256 === facts.sha256;
  return {
    join: async (images, isUrgent) => {
      const [same, others] = [images.filter(isSame), images.filter((image) => !isSame(image))];
      const { durable } = await linker.join(others, isUrgent);
      return {
        durable: durable.then((linked) => {
          const happened = new Map([
            ...same.map((image) => [image, notModified(tools.root, image.file)] as const),
            ...others.flatMap((image, nth) => pairs(image, linked[nth])),
          ]);
          return images.flatMap((image) => happened.get(image) ?? []);
        }),
      };
    },
    close: () => undefined,
  };
}

function pairs<A, B>(a: A, b: B | undefined): readonly (readonly [A, B])[] {
  return b === undefined ? [] : [[a, b]];
}

interface LinkerOptions {
  readonly facts: Omit<FileFacts, 'path'>;
  readonly extension: string;
  readonly detail: string | null;
  readonly source: GroupMember['source'];
  /** Of a source that is not stored yet. */
  readonly bytes: number;
}

/** Each id gets a file that is a link to the source. */
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
  const happened = (placed: PlacedName): Happened =>
    placed.kind === 'placed'
      ? storedAs({ ...facts, path: placed.relative }, detail)
      : conflict(placed.detail);
  return {
    join: async (images: readonly PlannedImage[], isUrgent: boolean): Promise<JoinedIds> => {
      if (images.length === 0) return { durable: Promise.resolve([]) };
      const member = { source, names: images.map(nameOf), bytes };
      const { durable } = await groups.join(member, isUrgent);
      return {
        durable: durable.then((placed) => {
          if (placed.source !== null) {
            source = placed.source;
            bytes = 0;
          }
          return placed.names.map(happened);
        }),
      };
    },
    hasNamed: () => source !== first.source,
  };
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

function factsOf({ body, check }: StoredBody): Omit<FileFacts, 'path'> {
  const { width, height, format, verdict } = check;
  return { bytes: body.byteCount, sha256: body.sha256, width, height, format, verdict };
}

function detailOf({ check, remark }: StoredBody): string | null {
  const remarks = [check.detail, remark].filter((one) => one !== null);
  return remarks.length === 0 ? null : remarks.join('; ');
}

function storedAs(file: FileFacts, detail: string | null): Happened {
  return { outcome: 'stored', code: null, retryable: false, detail, file };
}

function conflict(detail: string): Happened {
  return { outcome: 'failed', code: 'path_conflict', retryable: false, detail, file: null };
}
