/**
 * Runs one piece of work on untrusted files in a child process that gets no secrets, has a process
 * group of its own, and ends when its result is not wanted any more.
 */
import type { ChildProcess } from 'node:child_process';
import type { z } from 'zod';
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';
import type { ResourceLimits } from '../files/process/resource-limits';
import { waitForExit } from '../files/process/wait-for-exit';
import type { ChildScript } from './child-scripts';
import { killGroup, startChild, type PreparedProcesses } from './prepared-processes';
import { childMessage } from './process-messages';
import type { ChildMessage } from './process-messages';

/** How much of the end of a child's stderr is kept for messages, in characters. */
const STDERR_TAIL = 2_000;

export interface RunProcessOptions<T> {
  readonly script: ChildScript;
  /** The child's working folder, the only one that it may write to. */
  readonly scratch: string;
  readonly job: object;
  readonly result: z.ZodType<T>;
  /** The step code when the child ends without a message. */
  readonly crash: StepCode;
  /** What the child does and with which file, for messages. */
  readonly task: string;
  /** Processes that may have been started ahead. By default a new one is started. */
  readonly prepared?: PreparedProcesses | undefined;
  /** Limits that the operating system keeps for the child. By default only its heap has one. */
  readonly limits?: ResourceLimits | undefined;
  /** Called when the child reports how many rows it has read. */
  readonly onRows?: ((rows: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the child until it has ended.
 *
 * @throws the {@link StepError} that the child reports; StepError `options.crash` when it ends
 *   without a message; the signal's reason when it is aborted, after the child has ended.
 */
export async function runProcess<T>(options: RunProcessOptions<T>): Promise<T> {
  options.signal?.throwIfAborted();
  const child = await start(options);
  const kill = (): void => {
    killGroup(child);
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  if (options.signal?.aborted === true) kill();
  try {
    return await answerOf(child, options);
  } finally {
    options.signal?.removeEventListener('abort', kill);
    killGroup(child);
  }
}

async function start(options: RunProcessOptions<unknown>): Promise<ChildProcess> {
  const { script, scratch, job, prepared, limits } = options;
  const waiting = prepared?.take(script) ?? null;
  // The process may have been killed while it waited, and its end may not have been reported yet.
  if (waiting !== null && (await receives(waiting, { scratch, job }))) return waiting;
  const child = startChild(script, limits);
  // A child that ends at once closes the channel first. Its exit code is reported then.
  child.send({ scratch, job }, () => undefined);
  return child;
}

function receives(child: ChildProcess, message: object): Promise<boolean> {
  return new Promise((resolve) => {
    child.send(message, (error) => {
      resolve(error === null);
    });
  });
}

/**
 * The child's last message, after the child has ended, because only then may its scratch folder be
 * removed.
 */
async function answerOf<T>(child: ChildProcess, options: RunProcessOptions<T>): Promise<T> {
  let stderr = '';
  let last: LastMessage | null = null;
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-STDERR_TAIL);
  });
  child.on('message', (raw) => {
    const message = childMessage.safeParse(raw).data ?? null;
    if (message?.kind === 'rows') options.onRows?.(message.rows);
    else last = message;
  });
  const ending = await waitForExit(child);
  return resultOf(last, options, ending, stderr);
}

type LastMessage = Exclude<ChildMessage, { readonly kind: 'rows' }>;

function resultOf<T>(
  last: LastMessage | null,
  options: RunProcessOptions<T>,
  ending: string,
  stderr: string,
): T {
  options.signal?.throwIfAborted();
  if (last === null) throw crashed(options, ending, stderr);
  if (last.kind === 'failed') throw new StepError(last.code, last.message);
  return options.result.parse(last.result);
}

function crashed(options: RunProcessOptions<unknown>, ending: string, stderr: string): StepError {
  const written = stderr.trim().slice(-500);
  const last = written === '' ? 'without a message' : `after it wrote: ${written}`;
  return new StepError(
    options.crash,
    `${options.task}: the child process died (${ending}) ${last}. The file may be damaged or made to do harm, or the machine is out of memory.`,
  );
}
