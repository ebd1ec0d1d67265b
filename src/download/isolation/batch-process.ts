/** The process of a batch that runs apart: takes one job, tells what it works on, ends. */
import { StepError } from '../../contract/errors';
import { createImageChecker } from '../../images/image-checker';
import { AttemptFenced, createAttemptFence, type FenceControl } from '../attempt-fence';
import { BEAT_MS, type IsolatedJob, type FromChild, type ToChild } from './batch-messages';
import type { BatchWatch } from '../batch-watch';
import { createDownloadNetwork } from '../hosts/download-network';
import { runBatch } from '../run-batch';

/** **Units** processes; ms for one image. */
const DECODERS = 1;
const DECODER_TIMEOUT_MS = 20_000;

const stop = new AbortController();
const network = createDownloadNetwork();
let fence: FenceControl | null = null;

process.on('message', (message: ToChild) => {
  if (message.kind === 'job') void serve(message);
  else if (message.kind === 'stop') stop.abort(new Error('the batch is to stop'));
  // Zero comes from a closed fence.
  else if (message.openUntilMs === 0) fence?.close('server_silent');
  else fence?.extend(message.openUntilMs);
});
// Nobody would take the result: the ledger has what was done.
process.on('disconnect', () => process.exit(1));

/** What is counted and logged is the worker's. */
const watch: BatchWatch = {
  settled: (line) => {
    tell({ kind: 'settled', line });
  },
  hostWaits: (wait) => {
    tell({ kind: 'hostWaits', wait });
  },
  ended: (end) => {
    tell({ kind: 'ended', end });
  },
};

async function serve(job: IsolatedJob): Promise<void> {
  const alive = setInterval(() => {
    tell({ kind: 'alive' });
  }, BEAT_MS);
  const last = await work(job).catch(failed);
  clearInterval(alive);
  tell(last, () => process.exit(0));
}

async function work(job: IsolatedJob): Promise<FromChild> {
  const checker = createImageChecker({ processes: DECODERS, timeoutMs: DECODER_TIMEOUT_MS });
  fence = createAttemptFence(job.openUntilMs);
  const signal = AbortSignal.any([stop.signal, fence.signal]);
  const onlyEntry = (entry: number): void => {
    tell({ kind: 'begins', entry });
  };
  try {
    const result = await runBatch({
      ...job,
      ...{ checker, fence, network, signal },
      ...(job.isOneByOne ? { onlyEntry } : {}),
      poison: new Map(job.poison),
      watch,
      onProgress: (counts) => {
        tell({ kind: 'progress', counts });
      },
    });
    return { kind: 'returned', result };
  } finally {
    await checker.close();
  }
}

function failed(error: unknown): FromChild {
  const message = error instanceof Error ? error.message : String(error);
  const hasCode = error instanceof StepError || error instanceof AttemptFenced;
  return { kind: 'failed', code: hasCode ? error.code : null, message };
}

function tell(message: FromChild, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, sent);
}
