/** The child's side of run-child: takes one job, reports how it ended, ends. */
import { rmSync } from 'node:fs';
import type { z } from 'zod';
import type { StepError } from '../contract/errors';
import type { ChildMessage } from './process-messages';
import { asStepError } from './process-failure';

/**
 * Waits for the job, does it, tells the result, and ends the process. A parent that is gone ends it too, and then
 * nobody else removes the scratch folder, which is the working folder.
 */
export function serveProcess<J>(job: z.ZodType<J>, work: (job: J) => Promise<unknown>): void {
  process.once('disconnect', () => {
    rmSync(process.cwd(), { recursive: true, force: true });
    process.exit(1);
  });
  process.once('message', (raw) => {
    void answer(() => work(job.parse(raw)));
  });
}

async function answer(work: () => Promise<unknown>): Promise<void> {
  const last = await work().then(
    (result): ChildMessage => ({ kind: 'done', result }),
    (error: unknown) => failed(asStepError(error)),
  );
  tell(last, () => process.exit(0));
}

function failed(error: StepError): ChildMessage {
  return { kind: 'failed', code: error.code, message: error.message };
}

function tell(message: ChildMessage, sent: () => void): void {
  if (process.connected) process.send?.(message, sent);
}
