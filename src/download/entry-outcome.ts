/** One try of one plan entry: condition → request → check → final name; what happened, not yet who is told. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PlanEntry, PlannedImage, RecordedFile } from '../contract/plan-entry';
import type { Verify } from '../contract/run-input';
import { createTempFile, type TempFile } from '../files/temp-file';
import type { Condition } from '../http/answer';
import { FetchFailure } from '../http/fetch-failure';
import { fetchToFile, type FetchTrace, type HttpClient } from '../http/fetch-to-file';
import type { SavedBody } from '../http/save-body';
import type { ImageCheck, ImageChecker } from '../images/image-checker';
import { isWhole, notModified, storeArrived } from './shared-file';
import type { Happened } from './outcome-line';
import { typeRemark } from './type-remark';

/** What all entries of a batch share. **Units** `pixels` the most that are allowed. */
export interface EntryTools {
  readonly root: string;
  readonly execution: string;
  readonly client: HttpClient;
  readonly checker: ImageChecker;
  readonly verify: Verify;
  readonly pixels: number;
}

/**
 * What becomes of each id, told when it is asked: a placeholder's ids may be 100,000, and each gets its file at that moment.
 *
 * **Errors** StepError disk_*.
 */
export type EntryOutcome = (image: PlannedImage) => Happened;

/**
 * **Errors** FetchFailure for everything that is the host's or the image's; StepError disk_*; the signal's reason.
 */
export async function tryEntry(
  tools: EntryTools,
  entry: PlanEntry,
  trace: FetchTrace,
  signal: AbortSignal,
): Promise<EntryOutcome> {
  const url = parseUrl(entry.url);
  const files = await confirmableFiles(tools.root, entry);
  let temp: TempFile | null = null;
  try {
    const { body, answer } = await fetchToFile(
      tools.client,
      {
        url,
        condition: files === null ? null : conditionOf(files),
        createSink: () => (temp = createTempFile({ root: tools.root, execution: tools.execution })),
        signal,
      },
      trace,
    );
    if (body === null) return ({ file }) => unmodified(tools.root, file);
    const written = temp as TempFile | null;
    if (written === null) throw new Error('a body came without a file');
    // undici sends a connection's next request a turn of the event loop after its last answer: let it go out first.
    await nextTurn();
    const check = await checkBody(tools, written.path, body);
    // What has come is kept, also when no more may be asked for.
    const stored = storeArrived(tools.root, entry, {
      ...{ path: written.path, body, check },
      remark: typeRemark(answer, check),
    });
    // It has its final name: there is nothing to discard, and no need to look.
    if (stored.isPlaced) temp = null;
    return stored.outcome;
  } finally {
    (temp as TempFile | null)?.discard();
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new FetchFailure('bad_url', 'the URL cannot be parsed');
  return new URL(text);
}

/** The recorded files of all ids when each is there, whole and the same: only then a 304 says something about them. */
async function confirmableFiles(
  root: string,
  { ids }: PlanEntry,
): Promise<readonly RecordedFile[] | null> {
  const files = ids.flatMap(({ file }) => (file === null ? [] : [file]));
  const [first] = files;
  if (first === undefined || files.length < ids.length) return null;
  if (first.etag === null && first.lastModified === null) return null;
  for (const file of files) {
    if (file.sha256 !== first.sha256 || !(await isWhole(root, file))) return null;
  }
  return files;
}

function conditionOf([first]: readonly RecordedFile[]): Condition {
  return { etag: first?.etag ?? null, lastModified: first?.lastModified ?? null };
}

function unmodified(root: string, file: RecordedFile | null): Happened {
  if (file === null) throw new Error('an image without a file was confirmed');
  return notModified(root, file);
}

async function checkBody(
  tools: EntryTools,
  path: string,
  body: SavedBody,
): Promise<ImageCheck & { ok: true }> {
  const check = await tools.checker.check({
    path,
    bytes: body.byteCount,
    head: body.head,
    verify: tools.verify,
    lengthKnown: body.lengthKnown,
    pixels: tools.pixels,
  });
  if (!check.ok) throw new FetchFailure(check.code, check.detail, { isTransient: check.retryable });
  return check;
}
