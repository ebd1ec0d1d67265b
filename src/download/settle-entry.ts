/** One plan entry to its end: tries, backoff, the host's waits; settled or left for the next batch. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PlanEntry } from '../contract/plan-entry';
import { FetchFailure } from '../http/fetch-failure';
import type { FetchTrace } from '../http/fetch-to-file';
import { tryEntry, type EntryOutcome, type EntryTools } from './entry-outcome';
import { HostExhausted, HostLeft, type HostGate, type WaitCode } from './host-gate';
import type { Happened, LineTrace } from './outcome-line';
import { retryDelayMs } from './retry-delay';

/** **Source** design: a Retry-After up to 30 s is waited for inside the batch. **Units** ms. */
export const LONGEST_WAIT_MS = 30_000;

export interface EntryRun {
  readonly tools: EntryTools;
  readonly gate: HostGate;
  /** Tries of one image; redirects and waits that a host asked for do not count. */
  readonly attempts: number;
  readonly signal: AbortSignal;
  /** The host asked for a longer wait than a batch waits for. */
  readonly onLongWait: (waitMs: number, code: WaitCode) => void;
}

/** **Shape** what becomes of each id; null: not settled, the next batch takes it. */
export interface Settled {
  readonly happened: EntryOutcome;
  readonly trace: LineTrace;
}

/** **Errors** StepError disk_*; the signal's reason. */
export async function settleEntry(run: EntryRun, entry: PlanEntry): Promise<Settled | null> {
  const trace: FetchTrace = { requests: 0, answer: null };
  for (let attempt = 1; ;) {
    try {
      const happened = await tryEntry(run.tools, entry, trace, run.signal);
      run.gate.goodAnswer();
      return { happened, trace };
    } catch (error) {
      if (run.signal.aborted) throw error;
      if (error instanceof HostLeft) return null;
      if (error instanceof HostExhausted) return { happened: forAll(gaveUp(error)), trace };
      if (!(error instanceof FetchFailure)) throw error;
      const next = afterFailure(run, error);
      if (next === 'leave') return null;
      if (next === 'wait') continue;
      if (!error.isTransient || attempt >= triesOf(error, run))
        return { happened: forAll(failed(error)), trace };
      await delay(retryDelayMs(attempt), undefined, { signal: run.signal });
      attempt += 1;
    }
  }
}

/** **Source** design: what is no HTTP may have been cut on its way, once. **Units** tries. */
const TRIES_OF_NO_HTTP = 2;

function triesOf({ code }: FetchFailure, { attempts }: EntryRun): number {
  return code === 'protocol' ? Math.min(TRIES_OF_NO_HTTP, attempts) : attempts;
}

/** No request: whatever it is that came for it, it kills who takes it. Only a person asks again (`select: failed`). */
export function poisoned(how: string): Settled {
  const detail = `the process that worked on it, and on nothing else, died again and again (${how})`;
  const happened: Happened = {
    ...{ outcome: 'failed', code: 'poison', retryable: false, file: null, detail },
  };
  return { happened: forAll(happened), trace: { requests: 0, answer: null } };
}

/** `wait`: the host asked for it, so it is no try; `leave`: for longer than a batch waits. */
function afterFailure(run: EntryRun, error: FetchFailure): 'wait' | 'leave' | 'count' {
  if (error.retryAfterMs === null) {
    if (isAnswer(error)) run.gate.goodAnswer();
    return 'count';
  }
  const code: WaitCode = error.code === 'http_429' ? 'http_429' : 'http_503';
  if (error.retryAfterMs <= LONGEST_WAIT_MS) return 'wait';
  run.onLongWait(error.retryAfterMs, code);
  return 'leave';
}

function isAnswer({ code }: FetchFailure): boolean {
  return !['http_429', 'http_503', 'connect', 'dns', 'timeout', 'tls'].includes(code);
}

function failed({ code, message, isTransient }: FetchFailure): Happened {
  return { outcome: 'failed', code, retryable: isTransient, file: null, detail: message };
}

function gaveUp({ code, message }: HostExhausted): Happened {
  return { outcome: 'failed', code, retryable: true, file: null, detail: message };
}

function forAll(happened: Happened): EntryOutcome {
  return () => happened;
}
