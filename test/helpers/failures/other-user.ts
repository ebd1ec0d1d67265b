/**
 * Processes of another user, as a user without rights over them sees them. Only root may change
 * users, so the tests need root.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A user id needs no entry in /etc/passwd. */
const THEIRS = 61_001;
const OURS = 61_002;

/**
 * Starts a process of a user that is neither root nor that of {@link withoutRights}. Its command
 * line ends with `words`.
 */
export async function startOthersProcess(...words: readonly string[]): Promise<ChildProcess> {
  const waits = 'process.stdout.write("up"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', waits, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    uid: THEIRS,
    gid: THEIRS,
    cwd: '/',
  });
  await once(child.stdout, 'data');
  return child;
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Runs `work` as a user that may not send signals to processes of others. */
export async function withoutRights<T>(work: () => T | Promise<T>): Promise<T> {
  if (process.seteuid === undefined) throw new Error('there are no users on this system');
  process.seteuid(OURS);
  try {
    return await work();
  } finally {
    process.seteuid(0);
  }
}
