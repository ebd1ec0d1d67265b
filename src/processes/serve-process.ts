/**
 * The child's side of run-process.ts: takes one job, reports its result or its failure, and ends
 * the process.
 */
import { rmSync } from 'node:fs';
import { z } from 'zod';
import type { StepError } from '../contract/errors';
import type { ChildMessage } from './process-messages';
import { asStepError } from './process-failure';

/**
 * Waits for the job, moves to its scratch folder, does the work there, reports the result, and ends
 * the process. When the parent ends first, the process ends too, and removes the scratch folder,
 * because no other process would.
 */
export function serveProcess<J>(job: z.ZodType<J>, work: (job: J) => Promise<unknown>): void {
  let scratch: string | null = null;
  process.once('disconnect', () => {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
    endAtOnce();
  });
  process.once('message', (raw) => {
    void answer(() => {
      const request = z.object({ scratch: z.string(), job }).parse(raw);
      scratch = request.scratch;
      process.chdir(scratch);
      return work(request.job);
    });
  });
}

/** `process.exit` would wait until DuckDB has answered the query that its threads work on. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Reports how many rows the work has read so far. */
export function reportRows(rows: number): void {
  send({ kind: 'rows', rows }, () => undefined);
}

async function answer(work: () => Promise<unknown>): Promise<void> {
  const last = await Promise.resolve()
    .then(work)
    .then(
      (result): ChildMessage => ({ kind: 'done', result }),
      (error: unknown) => failed(asStepError(error)),
    );
  send(last, () => {
    if (last.kind === 'failed') endAtOnce();
    else process.exit(0);
  });
}

function failed(error: StepError): ChildMessage {
  return { kind: 'failed', code: error.code, message: error.message };
}

function send(message: ChildMessage, sent: () => void): void {
  if (process.connected) process.send?.(message, sent);
}
