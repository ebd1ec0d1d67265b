/**
 * A pool of limited processes that work on images. A crash or a hang of one affects one image, not
 * the worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Promise as PoolPromise, pool as createPool } from 'workerpool';
import { limitedProcessOptions } from './limited-process';

export interface LimitedPool<Request, Result> {
  /**
   * Never rejects: what became of a process is a result, as {@link LimitedPoolOptions.failed} makes
   * it.
   */
  run(request: Request): Promise<Result>;
  close(): Promise<void>;
}

export interface LimitedPoolOptions<Result> {
  /** The compiled program of the processes. */
  readonly program: string;
  /** Its function, which takes an array of requests and returns a result for each. */
  readonly method: string;
  readonly processes: number;
  /** The time limit for one image. */
  readonly timeoutMs: number;
  /** Makes the result for an image whose process did not return one. */
  readonly failed: (
    code: 'decoder_crash' | 'decoder_timeout',
    detail: string,
    options: { readonly retryable: boolean },
  ) => Result;
}

interface WaitingImage<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
}

type RunBatch<Request, Result> = (requests: readonly Request[]) => Promise<readonly Result[]>;

/** The most images per message. One message per image costs 27 % more CPU than batches do. */
const MAX_BATCH_IMAGES = 16;

/** A process that does not end within this time after it was asked to is killed. */
const TERMINATE_MS = 500;

export function createLimitedPool<Request, Result>(
  options: LimitedPoolOptions<Result>,
): LimitedPool<Request, Result> {
  const pool = createPool(options.program, {
    // The output of codecs is received and dropped. The pool does not accept `stdio`, and by
    // default its processes write to the output of this process.
    emitStdStreams: true,
    minWorkers: 0,
    maxWorkers: options.processes,
    workerType: 'process',
    workerTerminateTimeout: TERMINATE_MS,
    forkOpts: limitedProcessOptions(),
  });
  const waitingImages: WaitingImage<Request, Result>[] = [];
  let runningBatches = 0;
  const runBatch: RunBatch<Request, Result> = async (requests) => {
    const result: unknown = await pool
      .exec(options.method, [requests])
      .timeout(options.timeoutMs * requests.length);
    return result as readonly Result[];
  };
  const startBatches = (): void => {
    while (runningBatches < options.processes && waitingImages.length > 0) {
      const batch = waitingImages.splice(
        0,
        Math.max(
          1,
          Math.min(MAX_BATCH_IMAGES, Math.ceil(waitingImages.length / options.processes)),
        ),
      );
      runningBatches += 1;
      void resolveBatch(batch, runBatch, options.failed).finally(() => {
        runningBatches -= 1;
        startBatches();
      });
    }
  };
  return {
    run: (request) =>
      new Promise((resolve) => {
        waitingImages.push({ request, resolve });
        startBatches();
      }),
    close: async () => {
      await pool.terminate(true);
    },
  };
}

async function resolveBatch<Request, Result>(
  batch: readonly WaitingImage<Request, Result>[],
  runBatch: RunBatch<Request, Result>,
  failed: LimitedPoolOptions<Result>['failed'],
): Promise<void> {
  try {
    const results = await runBatch(batch.map(({ request }) => request));
    batch.forEach(({ resolve }, index) => {
      resolve(results[index] ?? noResult(failed));
    });
  } catch (error) {
    const [first, ...others] = batch;
    if (first !== undefined && others.length === 0 && isTimeout(error)) {
      first.resolve(processFailure(error, failed));
      await waitForTermination(error);
      return;
    }
    // One of the images caused it, or the process was killed: working on each image alone shows
    // which.
    for (const one of batch) {
      await waitForTermination(error);
      one.resolve(await runAlone(one.request, runBatch, failed));
    }
  }
}

async function runAlone<Request, Result>(
  request: Request,
  runBatch: RunBatch<Request, Result>,
  failed: LimitedPoolOptions<Result>['failed'],
): Promise<Result> {
  try {
    const [result] = await runBatch([request]);
    return result ?? noResult(failed);
  } catch (error) {
    await waitForTermination(error);
    return processFailure(error, failed);
  }
}

/**
 * The pool reports a timeout before the process has ended, and would give it the next image, whose
 * failure its end would then appear to be.
 */
async function waitForTermination(error: unknown): Promise<void> {
  if (isTimeout(error)) await delay(2 * TERMINATE_MS);
}

function isTimeout(error: unknown): boolean {
  return error instanceof PoolPromise.TimeoutError;
}

function noResult<Result>(failed: LimitedPoolOptions<Result>['failed']): Result {
  return failed('decoder_crash', 'the decoder gave no answer', { retryable: true });
}

function processFailure<Result>(
  error: unknown,
  failed: LimitedPoolOptions<Result>['failed'],
): Result {
  return isTimeout(error)
    ? failed('decoder_timeout', 'the decoder did not end in time', { retryable: false })
    : failed('decoder_crash', describeExit(error), { retryable: false });
}

/**
 * Extracts how a process ended from the pool's message, which also contains paths of this machine.
 */
function describeExit(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, code, signal] = /exitCode: `(\w+)`\s+signalCode: `(\w+)`/.exec(text) ?? [];
  if (code === undefined) return text.replace(/\s+/g, ' ').slice(0, 200);
  const end = signal === 'null' ? `exited with ${code}` : `was ended by ${signal}`;
  return `the decoder process ${end} while it worked on the image`;
}
