/** Commands that a test has started, and what they print. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../until';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Command {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  /**
   * Waits until stderr contains the text.
   *
   * @throws an Error when the command ends before.
   */
  says(words: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** @throws an Error with the whole output when the command failed. */
export function outputOf(command: string, { code, stdout, stderr }: Finished): string {
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}:\n${stdout}\n${stderr}`);
  return stdout;
}

export function commandOf(child: ChildProcess, words: readonly string[]): Command {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const finished = once(child, 'close').then(() => ({ code: child.exitCode, ...texts }));
  return {
    pid: child.pid ?? 0,
    finished,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    says: async (wanted) => {
      const hasSaid = (): boolean => {
        if (texts.stderr.includes(wanted)) return true;
        if (child.exitCode === null && child.signalCode === null) return false;
        throw new Error(`"${words.join(' ')}" ended without "${wanted}":\n${texts.stderr}`);
      };
      const saying = (): string => `"${words.join(' ')}" to say "${wanted}":\n${texts.stderr}`;
      await until(hasSaid, { within: 120, every: 25, saying });
    },
    kill: (signal) => child.kill(signal),
  };
}
