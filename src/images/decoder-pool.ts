/**
 * A pool of decoder processes. A crash or a hang of a decoder affects one image, not the worker.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Promise as PoolPromise, pool as createPool } from 'workerpool';
import { failedCheck, type DecodeRequest, type ImageCheck } from './image-check';
import { limitedProcessOptions } from './limited-process';

export interface DecoderPool {
  decode(request: DecodeRequest): Promise<ImageCheck>;
  close(): Promise<void>;
}

interface WaitingImage {
  readonly request: DecodeRequest;
  readonly resolve: (check: ImageCheck) => void;
}

/** The most images per message. One message per image costs 27 % more CPU than batches do. */
const MAX_BATCH_IMAGES = 16;

/** A process that does not end by itself within this time is killed. */
const TERMINATE_MS = 500;

/**
 * Creates a pool. `timeoutMs` is the time limit for one image. `decode` never rejects:
 * `decoder_crash` and `decoder_timeout` are results.
 */
export function createDecoderPool(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): DecoderPool {
  const pool = createPool(decoderProgram(), {
    // The output of codecs is received and dropped. The pool does not accept `stdio`, and by
    // default its processes write to the output of this process.
    emitStdStreams: true,
    minWorkers: 0,
    maxWorkers: options.processes,
    workerType: 'process',
    workerTerminateTimeout: TERMINATE_MS,
    forkOpts: limitedProcessOptions(),
  });
  const waitingImages: WaitingImage[] = [];
  let runningBatches = 0;
  const runBatch = async (requests: readonly DecodeRequest[]): Promise<readonly ImageCheck[]> => {
    const result: unknown = await pool
      .exec('decodeImages', [requests])
      .timeout(options.timeoutMs * requests.length);
    return result as readonly ImageCheck[];
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
      void decodeBatch(batch, runBatch).finally(() => {
        runningBatches -= 1;
        startBatches();
      });
    }
  };
  return {
    decode: (request) =>
      new Promise((resolve) => {
        waitingImages.push({ request, resolve });
        startBatches();
      }),
    close: async () => {
      await pool.terminate(true);
    },
  };
}

async function decodeBatch(
  batch: readonly WaitingImage[],
  runBatch: (requests: readonly DecodeRequest[]) => Promise<readonly ImageCheck[]>,
): Promise<void> {
  try {
    const checks = await runBatch(batch.map(({ request }) => request));
    batch.forEach(({ resolve }, index) => {
      resolve(checks[index] ?? NO_RESULT);
    });
  } catch (error) {
    const [first, ...others] = batch;
    if (first !== undefined && others.length === 0 && isTimeout(error)) {
      first.resolve(decoderFailure(error));
      await waitForTermination(error);
      return;
    }
    // One of the images caused it, or the decoder was killed: decoding each image alone shows
    // which.
    for (const one of batch) {
      await waitForTermination(error);
      one.resolve(await decodeAlone(one.request, runBatch));
    }
  }
}

async function decodeAlone(
  request: DecodeRequest,
  runBatch: (requests: readonly DecodeRequest[]) => Promise<readonly ImageCheck[]>,
): Promise<ImageCheck> {
  try {
    const [check] = await runBatch([request]);
    return check ?? NO_RESULT;
  } catch (error) {
    await waitForTermination(error);
    return decoderFailure(error);
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

const NO_RESULT = failedCheck('decoder_crash', 'the decoder gave no answer', true);

function decoderFailure(error: unknown): ImageCheck {
  const code = isTimeout(error) ? 'decoder_timeout' : 'decoder_crash';
  return failedCheck(
    code,
    isTimeout(error) ? 'the decoder did not end in time' : describeExit(error),
  );
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

/** The child is compiled JavaScript, even if a test loads this module from src. */
function decoderProgram(): string {
  const folder = __filename.endsWith('.ts') ? path.join(__dirname, '../../dist/images') : __dirname;
  return path.join(folder, 'decoder-process.js');
}
