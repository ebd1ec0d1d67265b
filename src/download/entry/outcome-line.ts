/** The one place that turns outcomes into ledger lines. */
import { withoutSecrets } from '../../contract/without-secrets';
import {
  NO_FILE,
  type ImageCode,
  type LedgerLine,
  type Outcome,
  type Verdict,
} from '../../contract/outcome';
import type { PlannedImage } from '../../contract/plan-entry';
import type { Answer } from '../../http/answer';

/** The batch that wrote a line. */
export interface LineSource {
  readonly lane: string;
  readonly execution: string;
  readonly dispatch: number;
  readonly attempt: number;
}

/** The file of a stored or unmodified image: its size in bytes, its dimensions in pixels. */
export interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly format: string | null;
  readonly verdict: Verdict | null;
}

/** The outcome of one image. */
export interface ImageOutcome {
  readonly outcome: Outcome;
  readonly code: ImageCode | null;
  readonly retryable: boolean;
  readonly file: FileFacts | null;
  readonly detail: string | null;
}

/** The longest `detail` (docs/reference/files.md, "Ledger line"). */
const DETAIL_BYTES = 500;

/** The requests and the answer behind a line. */
export interface LineTrace {
  readonly requests: number;
  readonly answer: LineAnswer | null;
}

/**
 * Status and host are null when a stored file replaces an answer. Its validators are still valid.
 */
export interface LineAnswer extends Pick<Answer, 'etag' | 'lastModified'> {
  readonly status: Answer['status'] | null;
  readonly finalHost: Answer['finalHost'] | null;
}

/** `requests` counts for an entry's first id only. Further ids of a shared URL had no requests. */
export function outcomeLine(
  source: LineSource,
  image: PlannedImage,
  imageOutcome: ImageOutcome,
  trace: LineTrace,
): LedgerLine {
  const { answer } = trace;
  return {
    v: 1,
    id: image.id,
    urlHash: image.urlHash,
    outcome: imageOutcome.outcome,
    code: imageOutcome.code,
    retryable: imageOutcome.outcome === 'failed' && imageOutcome.retryable,
    ...(imageOutcome.file ?? NO_FILE),
    status: answer?.status ?? null,
    etag: answer?.etag ?? null,
    lastModified: answer?.lastModified ?? null,
    finalHost: answer?.finalHost ?? null,
    requests: trace.requests,
    detail: imageOutcome.detail === null ? null : cleanDetail(imageOutcome.detail),
    lane: source.lane,
    execution: source.execution,
    dispatch: source.dispatch,
    attempt: source.attempt,
    at: new Date().toISOString(),
  };
}

/**
 * Removes control characters and the query and userinfo of URLs, and cuts the text at 500 bytes.
 */
export function cleanDetail(text: string): string {
  const plain = withoutSecrets(text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' '));
  const bytes = Buffer.from(plain, 'utf8');
  if (bytes.length <= DETAIL_BYTES) return plain;
  return bytes.toString('utf8', 0, DETAIL_BYTES - 4).replace(/\ufffd+$/, '');
}
