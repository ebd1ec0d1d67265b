/**
 * Starts a child process for work on untrusted files: no secrets, own process group, ended when it
 * is not wanted.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { z } from 'zod';
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';
import { childMessage } from './process-messages';
import type { ChildMessage } from './process-messages';

/** JavaScript heap of a child; DuckDB's memory is limited apart. **Units** MiB. */
const HEAP_MEBIBYTES = 1024;
/** How much of what a dying child says is kept. **Units** characters. */
const STDERR_TAIL = 2_000;

export interface RunProcessOptions<T> {
  /** The compiled file below `dist/`. */
  readonly script: 'catalog/catalog-child.js' | 'plan/plan-process.js';
  /** The child's working folder: all it may write to. */
  readonly scratch: string;
  readonly job: object;
  readonly result: z.ZodType<T>;
  /** The code when the child dies without a word. */
  readonly crash: StepCode;
  /** What it does on what, for messages. */
  readonly task: string;
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

/** From sources (tests) the child is the compiled one: Node cannot fork TypeScript. */
function childPath(script: string): string {
  return __filename.endsWith('.ts')
    ? path.join(__dirname, '..', '..', 'dist', script)
    : path.join(__dirname, '..', script);
}

function start({ script, scratch, job }: RunProcessOptions<unknown>): ChildProcess {
  const child = fork(childPath(script), [], {
    cwd: scratch,
    detached: true,
    env: { TZ: 'UTC' },
    execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // A child that dies at once closes the channel first; how it died is told by its exit.
  child.send(job, () => undefined);
  return child;
}

/**
 * The last message counts once the child has ended: only then is its scratch folder free to be
 * removed.
 */
async function answerOf<T>(child: ChildProcess, options: RunProcessOptions<T>): Promise<T> {
  let said = '';
  let last: ChildMessage | null = null;
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('utf8')).slice(-STDERR_TAIL);
  });
  child.on('message', (raw) => {
    last = childMessage.safeParse(raw).data ?? null;
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

function resultOf<T>(
  last: ChildMessage | null,
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

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already, which is what was wanted.
    child.kill('SIGKILL');
  }
}
