/**
 * The process of an isolated batch: it accepts one job, reports which entry it works on, and ends.
 */
import { StepError } from '../../contract/errors';
import { createImageChecker } from '../../images/image-checker';
import { AttemptFenced, createAttemptFence, type FenceControl } from '../attempt-fence';
import { BEAT_MS, type IsolatedJob, type FromChild, type ToChild } from './batch-messages';
import type { BatchWatch } from '../batch-watch';
import { createDownloadNetwork } from '../hosts/download-network';
import { runBatch } from '../run-batch';

/** The number of decoder processes, and the time limit for one image in milliseconds. */
const DECODERS = 1;
const DECODER_TIMEOUT_MS = 20_000;

const stopController = new AbortController();
const network = createDownloadNetwork();
let fence: FenceControl | null = null;

process.on('message', (message: ToChild) => {
  if (message.kind === 'job') void runJob(message);
  else if (message.kind === 'stop') stopController.abort(new Error('the batch is to stop'));
  // The time is 0 when the worker's fence is closed.
  else if (message.openUntilMs === 0) fence?.close('server_silent');
  else fence?.extend(message.openUntilMs);
});
// Without the worker nothing would receive the result. The ledger has what was done.
process.on('disconnect', () => process.exit(1));

/** Counting and logging are the worker's task. */
const watch: BatchWatch = {
  settled: (line) => {
    sendToWorker({ kind: 'settled', line });
  },
  hostWaits: (wait) => {
    sendToWorker({ kind: 'hostWaits', wait });
  },
  ended: (end) => {
    sendToWorker({ kind: 'ended', end });
  },
};

async function runJob(job: IsolatedJob): Promise<void> {
  const alive = setInterval(() => {
    sendToWorker({ kind: 'alive' });
  }, BEAT_MS);
  const lastMessage = await runJobBatch(job).catch(failureMessage);
  clearInterval(alive);
  sendToWorker(lastMessage, () => process.exit(0));
}

async function runJobBatch(job: IsolatedJob): Promise<FromChild> {
  const checker = createImageChecker({ processes: DECODERS, timeoutMs: DECODER_TIMEOUT_MS });
  fence = createAttemptFence(job.openUntilMs);
  const signal = AbortSignal.any([stopController.signal, fence.signal]);
  const onlyEntry = (entry: number): void => {
    sendToWorker({ kind: 'begins', entry });
  };
  try {
    const result = await runBatch({
      ...job,
      checker,
      fence,
      network,
      signal,
      ...(job.isOneByOne ? { onlyEntry } : {}),
      poison: new Map(job.poison),
      watch,
      onProgress: (counts) => {
        sendToWorker({ kind: 'progress', counts });
      },
    });
    return { kind: 'returned', result };
  } finally {
    await checker.close();
  }
}

function failureMessage(error: unknown): FromChild {
  const message = error instanceof Error ? error.message : String(error);
  const hasCode = error instanceof StepError || error instanceof AttemptFenced;
  return { kind: 'failed', code: hasCode ? error.code : null, message };
}

function sendToWorker(message: FromChild, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, sent);
}
