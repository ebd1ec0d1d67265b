/** One plan entry to its end: tries, backoff, its host's waits and outages; settled or left for the next batch. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PlanEntry } from '../contract/plan-entry';
import { FetchFailure } from '../http/fetch-failure';
import type { FetchTrace } from '../http/fetch-to-file';
import type { BatchHost } from './batch-hosts';
import { tryEntry, type EntryOutcome, type EntryTools } from './entry-outcome';
import { HostExhausted, HostLeft, HostRecalled, waitCodeOf } from './host-gate';
import { createHostTurn, isHostTrouble, type HostTurn } from './host-turn';
import type { Happened, LineTrace } from './outcome-line';
import type { Episode, OutageWatch } from './outage-watch';
import type { Places } from './places';
import { retryDelayMs } from './retry-delay';

/** **Source** design: a Retry-After up to 30 s is waited for inside the batch. **Units** ms. */
export const LONGEST_WAIT_MS = 30_000;

/** How often a wait looks whether the batch ends. **Units** ms. */
const LOOK_MS = 200;

export interface EntryRun {
  readonly tools: EntryTools;
  readonly host: BatchHost;
  readonly network: OutageWatch;
  readonly places: Places;
  /** Which entry of the lane it is: an outage is told by different ones. */
  readonly entry: number;
  /** Tries of one image; redirects, waits that a host asked for and outages do not count. */
  readonly attempts: number;
  /** Of them, in earlier batches. */
  readonly tried: number;
  readonly signal: AbortSignal;
  /** A try has ended: something moves. */
  readonly onTry: () => void;
}

/** **Shape** what happened to each id; `tried`: not settled, the next batch takes it, and so many tries count. */
export type EntryEnd = Settled | { readonly tried: number };
export interface Settled {
  readonly happened: EntryOutcome;
  readonly trace: LineTrace;
}

/** Mutable, one an entry. */
interface Trying {
  readonly trace: FetchTrace;
  /** Of each failed try: it counts unless it belongs to an outage. */
  readonly failed: (readonly Episode[])[];
}

/** **Errors** StepError disk_*; the signal's reason. */
export async function settleEntry(run: EntryRun, entry: PlanEntry): Promise<EntryEnd> {
  const trying: Trying = { trace: { requests: 0, answer: null }, failed: [] };
  const { trace } = trying;
  for (;;) {
    try {
      const failure = await tryOnce(run, entry, trying);
      if (!(failure instanceof FetchFailure)) return { happened: failure, trace };
      if (failure.retryAfterMs !== null) {
        // It may be another host, to which this one redirects: nobody need ask this one meanwhile.
        run.host.gate.hold(failure.retryAfterMs, waitCodeOf(failure.code));
        continue;
      }
      // While it backs off it becomes clear whether it is its host's failure.
      if (failure.isTransient) await backOff(run, trying);
      if (!failure.isTransient || triesOf(run, trying) >= mostTries(run, failure))
        return { happened: forAll(failed(failure)), trace };
    } catch (error) {
      if (run.signal.aborted) throw error;
      if (error instanceof HostLeft) return { tried: triesOf(run, trying) };
      if (error instanceof HostExhausted) return { happened: forAll(gaveUp(error)), trace };
      if (!(error instanceof HostRecalled)) throw error;
    }
  }
}

/** **Source** design: what is no HTTP may have been cut on its way, once. **Units** tries. */
const TRIES_OF_NO_HTTP = 2;

function mostTries({ attempts }: EntryRun, { code }: FetchFailure): number {
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

/** What happened, or why not; the host is told. */
async function tryOnce(
  run: EntryRun,
  entry: PlanEntry,
  { trace, failed: before }: Trying,
): Promise<EntryOutcome | FetchFailure> {
  await opened(run);
  const turn = await createHostTurn(run);
  const sent = trace.requests;
  const hasSent = (): boolean => trace.requests > sent;
  try {
    const happened = await tryEntry(toolsIn(run, turn), entry, trace, run.signal);
    if (hasSent()) turn.answered();
    return happened;
  } catch (error) {
    if (!(error instanceof FetchFailure) || run.signal.aborted) throw error;
    const isFirst = run.tried === 0 && before.length === 0;
    const isOfHost = hasSent() || isHostTrouble(error) || error.code === 'tls';
    const episodes = isOfHost ? turn.failed(error, isFirst ? String(run.entry) : null) : [];
    if (error.isTransient && error.retryAfterMs === null) before.push(episodes);
    return error;
  } finally {
    turn.end();
    run.onTry();
  }
}

/** Waits, at rest, while the host wants to be left alone. **Errors** {@link HostLeft}: for longer than a batch waits. */
async function opened({ host: { gate }, places, signal }: EntryRun): Promise<void> {
  for (
    let waitMs = gate.opensInMs();
    waitMs > 0 && !gate.isExhausted();
    waitMs = gate.opensInMs()
  ) {
    if (waitMs > LONGEST_WAIT_MS) throw new HostLeft('the host asked for a long wait');
    await places.rest(() => delay(Math.min(LOOK_MS, waitMs), undefined, { signal }));
    gate.check(signal);
  }
}

function toolsIn(run: EntryRun, turn: HostTurn): EntryTools {
  const { tools } = run;
  const admit: EntryTools['client']['admit'] = async (url, signal) => {
    const admission = await tools.client.admit(url, signal);
    if (turn.mayGoOn()) return admission;
    admission.release();
    throw new HostRecalled('an outage has begun');
  };
  return { ...tools, client: { ...tools.client, admit } };
}

/** **Errors** HostLeft: the batch ends before it is known whether it was an outage. */
async function backOff(run: EntryRun, { failed }: Trying): Promise<void> {
  const { host, places, signal } = run;
  const episodes = failed.at(-1) ?? [];
  // Of the host's and the network's, one that is known is enough.
  const isUndecided = (): boolean =>
    episodes.every(({ verdict }) => verdict !== 'outage') &&
    episodes.some((episode) => episode.isUndecided());
  await places.rest(async () => {
    await delay(retryDelayMs(failed.length), undefined, { signal });
    while (isUndecided()) {
      host.gate.check(signal);
      await delay(LOOK_MS, undefined, { signal });
    }
  });
}

function triesOf({ tried }: EntryRun, { failed }: Trying): number {
  const counting = failed.filter((episodes) => episodes.every((one) => one.verdict !== 'outage'));
  return tried + counting.length;
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
