/**
 * Starts a child process for work on untrusted files: no secrets, own process group, ended when it
 * is not wanted.
 */
import type { ChildProcess } from 'node:child_process';
import type { z } from 'zod';
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';
import {
  killGroup,
  startChild,
  type ChildScript,
  type PreparedProcesses,
} from './prepared-processes';
import { childMessage } from './process-messages';
import type { ChildMessage } from './process-messages';

/** How much of what a dying child says is kept. **Units** characters. */
const STDERR_TAIL = 2_000;

export interface RunProcessOptions<T> {
  readonly script: ChildScript;
  /** The child's working folder: all it may write to. */
  readonly scratch: string;
  readonly job: object;
  readonly result: z.ZodType<T>;
  /** The code when the child dies without a word. */
  readonly crash: StepCode;
  /** What it does on what, for messages. */
  readonly task: string;
  /** Processes that may have been started ahead. By default a new one is started. */
  readonly prepared?: PreparedProcesses | undefined;
  /** Called when the child reports how many rows it has read. */
  readonly onRows?: ((rows: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the child to its end.
 *
 * **Errors** the {@link StepError} that it reports; `options.crash` when it dies; the signal's
 * reason when aborted, after the child is gone.
 */
export async function runProcess<T>(options: RunProcessOptions<T>): Promise<T> {
  options.signal?.throwIfAborted();
  const child = start(options);
  const kill = (): void => {
    killGroup(child);
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  try {
    return await answerOf(child, options);
  } finally {
    options.signal?.removeEventListener('abort', kill);
    killGroup(child);
  }
}

function start({ script, scratch, job, prepared }: RunProcessOptions<unknown>): ChildProcess {
  const child = prepared?.take(script) ?? startChild(script);
  // A child that dies at once closes the channel first; how it died is told by its exit.
  child.send({ scratch, job }, () => undefined);
  return child;
}

/**
 * The last message counts once the child has ended: only then is its scratch folder free to be
 * removed.
 */
async function answerOf<T>(child: ChildProcess, options: RunProcessOptions<T>): Promise<T> {
  let said = '';
  let last: LastMessage | null = null;
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('utf8')).slice(-STDERR_TAIL);
  });
  child.on('message', (raw) => {
    const message = childMessage.safeParse(raw).data ?? null;
    if (message?.kind === 'rows') options.onRows?.(message.rows);
    else last = message;
  });
  const how = await ended(child);
  return resultOf(last, options, how, said);
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve(signal ?? `exit code ${String(status)}`);
    });
  });
}

type LastMessage = Exclude<ChildMessage, { readonly kind: 'rows' }>;

function resultOf<T>(
  last: LastMessage | null,
  options: RunProcessOptions<T>,
  how: string,
  said: string,
): T {
  options.signal?.throwIfAborted();
  if (last === null) throw crashed(options, how, said);
  if (last.kind === 'failed') throw new StepError(last.code, last.message);
  return options.result.parse(last.result);
}

function crashed(options: RunProcessOptions<unknown>, how: string, said: string): StepError {
  const last = said.trim() === '' ? 'it said nothing' : `it said: ${said.trim().slice(-500)}`;
  return new StepError(
    options.crash,
    `${options.task}: the child process died (${how}), ${last}. The file may be damaged or made to do harm, or the machine is out of memory.`,
  );
}
