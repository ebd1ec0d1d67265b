/**
 * Makes one attempt at one plan entry. It sends the request, with the validators of a stored file
 * if there is one, and checks the body that arrives. No file gets its final name here.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasScheme } from '../../contract/catalog/url-template';
import type { PlanEntry, RecordedFile } from '../../contract/plan-entry';
import type { OpaqueKind, Verify } from '../../contract/run-input';
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import type { TempFile } from '../../files/temp-file';
import type { ImageStore } from '../../files/image-store/image-store';
import type { Answer, Condition } from '../../http/answer';
import { FetchFailure } from '../../http/failures/fetch-failure';
import { fetchToFile, type FetchTrace, type HttpClient } from '../../http/fetch-to-file';
import { secretValues } from '../../http/reason/secret-values';
import type { SavedBody } from '../../http/save-body';
import type { ImageCheck, ImageChecker } from '../../images/image-checker';
import { describeBadUrl, entityInQuery, hasTwoSchemes } from './bad-url';
import { checkFailure } from './check-failure';
import { contentTypeRemark } from './content-type-remark';
import type { EntryResult } from './entry-result';
import { isRecordedFileWhole } from './place-file';

/** What all entries of a batch share. `pixels` is the largest number of pixels that is allowed. */
export interface EntryTools {
  readonly root: string;
  readonly execution: string;
  readonly store: ImageStore;
  readonly client: Omit<HttpClient, 'hosts'>;
  readonly checker: ImageChecker;
  readonly verify: Verify;
  readonly keep: readonly OpaqueKind[];
  readonly pixels: number;
}

export interface AttemptContext {
  readonly client: HttpClient;
  readonly trace: FetchTrace;
  /** What earlier attempts have left. */
  readonly history: AttemptHistory;
  readonly signal: AbortSignal;
}

/**
 * @throws FetchFailure for everything that the host or the image causes; StepError disk_*; the
 *   signal's reason; what the client's hosts throw.
 */
export async function tryEntry(
  tools: EntryTools,
  entry: PlanEntry,
  { client, trace, history, signal }: AttemptContext,
): Promise<EntryResult> {
  const url = parseUrl(entry.url);
  const files = await confirmableFiles(tools.root, entry);
  let temp: TempFile | null = null;
  try {
    const { body, answer } = await fetchToFile(
      client,
      {
        url,
        condition: files === null ? null : conditionOf(files),
        createSink: () => (temp = tools.store.createTemp(tools.execution)),
        isLenient: hasRefusedAnswer(history),
        signal,
      },
      trace,
    );
    if (body === null) return { kind: 'notModified' };
    const written = temp as TempFile | null;
    if (written === null) throw new Error('a body came without a file');
    // undici sends the next request of a connection one turn of the event loop after its last
    // answer. Waiting lets that request go first.
    await nextTurn();
    const check = await checkBody(tools, written, { body, answer }, url);
    const remark = contentTypeRemark(answer, check);
    return { kind: 'stored', stored: { temp: written, body, check, remark } };
  } catch (error) {
    (temp as TempFile | null)?.discard();
    throw withEntityRemark(error, url);
  }
}

/** The parser refused the head of an earlier answer, or a line between its chunks. */
function hasRefusedAnswer({ unanswered, answered }: AttemptHistory): boolean {
  if (unanswered?.code === 'protocol') return true;
  return answered?.failure.code === 'protocol' && answered.failure.message.includes('(HPE_');
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !hasScheme(url.href)) throw new FetchFailure('bad_url', describeBadUrl(text));
  if (hasTwoSchemes(url)) throw new FetchFailure('bad_url', 'its scheme is written twice');
  return url;
}

/** Answers to a URL that may name nothing. */
const WRONG_URL = /^(http_4\d\d|not_an_image)$/;

/** An HTML entity in the query may be meant, so it is requested as it stands. */
function withEntityRemark(error: unknown, url: URL): unknown {
  if (!(error instanceof FetchFailure) || !WRONG_URL.test(error.code)) return error;
  const entity = entityInQuery(url);
  if (entity === null) return error;
  return error.withRemark(`the URL's query has the HTML entity ${entity}`);
}

/**
 * The recorded files of all ids, if each of them exists, is whole and is the same. Only then does a
 * 304 apply to all of them.
 */
async function confirmableFiles(
  root: string,
  { ids }: PlanEntry,
): Promise<readonly RecordedFile[] | null> {
  const files = ids.flatMap(({ file }) => (file === null ? [] : [file]));
  const [first] = files;
  if (first === undefined || files.length < ids.length) return null;
  if (first.etag === null && first.lastModified === null) return null;
  for (const file of files) {
    if (file.sha256 !== first.sha256 || !(await isRecordedFileWhole(root, file))) return null;
  }
  return files;
}

function conditionOf([first]: readonly RecordedFile[]): Condition {
  return { etag: first?.etag ?? null, lastModified: first?.lastModified ?? null };
}

async function checkBody(
  tools: EntryTools,
  temp: TempFile,
  { body, answer }: { readonly body: SavedBody; readonly answer: Answer },
  url: URL,
): Promise<ImageCheck & { ok: true }> {
  const content = temp.content();
  const check = await tools.checker.check({
    path: temp.path,
    writeOut: () => {
      temp.writeOut();
    },
    bytes: body.byteCount,
    head: body.head,
    ...(content === null ? {} : { content }),
    verify: tools.verify,
    keep: tools.keep,
    lengthKnown: body.lengthKnown,
    pixels: tools.pixels,
  });
  if (!check.ok) {
    const sources = { headers: tools.client.headers, urls: [url], cookies: [] };
    throw checkFailure(check, body, {
      challenge: answer.challenge,
      secrets: () => secretValues(sources),
    });
  }
  return check;
}
