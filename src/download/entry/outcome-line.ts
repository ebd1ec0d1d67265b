/** The one place that turns what happened into ledger lines. */
import { withoutSecrets } from '../../contract/without-secrets';
import type { ImageCode, LedgerLine, Outcome, Verdict } from '../../contract/outcome';
import type { PlannedImage } from '../../contract/plan-entry';
import type { Answer } from '../../http/answer';

/** Where a line comes from. */
export interface LineSource {
  readonly lane: string;
  readonly execution: string;
  readonly dispatch: number;
  readonly attempt: number;
}

/** The file of a stored or unmodified image. **Units** bytes, pixels. */
export interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly format: string | null;
  readonly verdict: Verdict | null;
}

/** What happened to one image. */
export interface Happened {
  readonly outcome: Outcome;
  readonly code: ImageCode | null;
  readonly retryable: boolean;
  readonly file: FileFacts | null;
  readonly detail: string | null;
}

const NO_FILE = {
  ...{ path: null, bytes: null, sha256: null },
  ...{ width: null, height: null, format: null, verdict: null },
};

/** Of a `detail` (docs/reference/files.md, "Ledger line"). */
const DETAIL_BYTES = 500;

/** How a line's answer came to be known. */
export interface LineTrace {
  readonly requests: number;
  readonly answer: Pick<Answer, 'status' | 'etag' | 'lastModified' | 'finalHost'> | null;
}

/** `requests` counts for an entry's first id only; further ids of a shared URL had none. */
export function outcomeLine(
  source: LineSource,
  image: PlannedImage,
  happened: Happened,
  trace: LineTrace,
): LedgerLine {
  const { answer } = trace;
  return {
    v: 1,
    id: image.id,
    urlHash: image.urlHash,
    outcome: happened.outcome,
    code: happened.code,
    retryable: happened.outcome === 'failed' && happened.retryable,
    ...(happened.file ?? NO_FILE),
    status: answer?.status ?? null,
    etag: answer?.etag ?? null,
    lastModified: answer?.lastModified ?? null,
    finalHost: answer?.finalHost ?? null,
    requests: trace.requests,
    detail: happened.detail === null ? null : cleanDetail(happened.detail),
    ...{
      lane: source.lane,
      execution: source.execution,
      dispatch: source.dispatch,
      attempt: source.attempt,
    },
    at: new Date().toISOString(),
  };
}

/** No control characters, no URL's query or userinfo, at most 500 bytes. */
export function cleanDetail(text: string): string {
  const plain = withoutSecrets(text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' '));
  const bytes = Buffer.from(plain, 'utf8');
  if (bytes.length <= DETAIL_BYTES) return plain;
  return bytes.toString('utf8', 0, DETAIL_BYTES - 4).replace(/\ufffd+$/, '');
}
