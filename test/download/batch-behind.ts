/**
 * A batch in a process of its own, started by another command that sets a limit or enters a
 * namespace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';

/**
 * `words` is the command, which takes the program to run as its last arguments.
 *
 * @throws an Error with the batch's code and message.
 */
export async function runBatchBehind(
  words: readonly string[],
  { dataRoot, input, attempt, config }: BatchOptions,
): Promise<DownloadBatchResult> {
  const [program = '', ...rest] = words;
  const child = spawn(
    program,
    [...rest, process.execPath, path.join(__dirname, 'batch-once.cjs')],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  child.send({ dataRoot, input, attempt, config, isApart: false });
  const [answer] = (await once(child, 'message')) as [DownloadBatchResult | { code: string }];
  if (child.exitCode === null) await once(child, 'exit');
  if ('code' in answer) throw Object.assign(new Error('the batch failed'), answer);
  return answer;
}
