/** Decoder processes: a crash or a hang costs one image, not the worker. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Promise as PoolPromise, pool as createPool } from 'workerpool';
import { refuse, type DecodeRequest, type ImageCheck } from './image-check';
import { limitedProcess } from './limited-process';

export interface DecoderPool {
  decode(request: DecodeRequest): Promise<ImageCheck>;
  close(): Promise<void>;
}

interface Waiting {
  readonly request: DecodeRequest;
  readonly resolve: (check: ImageCheck) => void;
}

/** One message an image costs 27 % more CPU than batches do. **Units** images. */
const BATCH = 16;

/** A process that does not end by itself is killed then. **Units** ms. */
const TERMINATE_MS = 500;

/**
 * **Units** `timeoutMs` ms for one image.
 * **Errors** none from `decode`: `decoder_crash` and `decoder_timeout` are answers.
 */
export function createDecoderPool(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): DecoderPool {
  const pool = createPool(decoderProgram(), {
    minWorkers: 0,
    maxWorkers: options.processes,
    workerType: 'process',
    workerTerminateTimeout: TERMINATE_MS,
    forkOpts: limitedProcess(),
  });
  const waiting: Waiting[] = [];
  let running = 0;
  const run = async (requests: readonly DecodeRequest[]): Promise<readonly ImageCheck[]> => {
    const answer: unknown = await pool
      .exec('decodeImages', [requests])
      .timeout(options.timeoutMs * requests.length);
    return answer as readonly ImageCheck[];
  };
  const pump = (): void => {
    while (running < options.processes && waiting.length > 0) {
      const batch = waiting.splice(
        0,
        Math.max(1, Math.min(BATCH, Math.ceil(waiting.length / options.processes))),
      );
      running += 1;
      void decodeBatch(batch, run).finally(() => {
        running -= 1;
        pump();
      });
    }
  };
  return {
    decode: (request) =>
      new Promise((resolve) => {
        waiting.push({ request, resolve });
        pump();
      }),
    close: async () => {
      await pool.terminate(true);
    },
  };
}

async function decodeBatch(
  batch: readonly Waiting[],
  run: (requests: readonly DecodeRequest[]) => Promise<readonly ImageCheck[]>,
): Promise<void> {
  try {
    const checks = await run(batch.map(({ request }) => request));
    batch.forEach(({ resolve }, index) => {
      resolve(checks[index] ?? NO_ANSWER);
    });
  } catch (error) {
    const [first, ...others] = batch;
    if (first !== undefined && others.length === 0 && isTimeout(error)) {
      first.resolve(endOfDecoder(error));
      await untilEnded(error);
      return;
    }
    // One of them did it, or somebody killed the decoder: alone, each speaks for itself.
    for (const one of batch) {
      await untilEnded(error);
      one.resolve(await decodeAlone(one.request, run));
    }
  }
}

async function decodeAlone(
  request: DecodeRequest,
  run: (requests: readonly DecodeRequest[]) => Promise<readonly ImageCheck[]>,
): Promise<ImageCheck> {
  try {
    const [check] = await run([request]);
    return check ?? NO_ANSWER;
  } catch (error) {
    await untilEnded(error);
    return endOfDecoder(error);
  }
}

/** The pool says so before the process is gone, and would give it the next image: its end would be taken for that one's. */
async function untilEnded(error: unknown): Promise<void> {
  if (isTimeout(error)) await delay(2 * TERMINATE_MS);
}

function isTimeout(error: unknown): boolean {
  return error instanceof PoolPromise.TimeoutError;
}

const NO_ANSWER = refuse('decoder_crash', 'the decoder gave no answer', true);

function endOfDecoder(error: unknown): ImageCheck {
  const code = isTimeout(error) ? 'decoder_timeout' : 'decoder_crash';
  const text = error instanceof Error ? error.message : String(error);
  return refuse(
    code,
    isTimeout(error) ? 'the decoder did not end in time' : text.replace(/\s+/g, ' ').slice(0, 200),
  );
}

/** The child is compiled JavaScript, also when this module is loaded from src by a test. */
function decoderProgram(): string {
  const folder = __filename.endsWith('.ts') ? path.join(__dirname, '../../dist/images') : __dirname;
  return path.join(folder, 'decoder-process.js');
}
