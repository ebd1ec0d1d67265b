/** Processes of another user, as a user without rights over them sees them. Needs root, which alone may change users. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Numbers need no entry in /etc/passwd. */
const THEIRS = 61_001;
const OURS = 61_002;

/** A process of a user that is neither root nor the one of {@link withoutRights}; `words` end its command line. */
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

/** Does `work` as a user that may not signal the processes of others. */
export async function withoutRights<T>(work: () => T | Promise<T>): Promise<T> {
  if (process.seteuid === undefined) throw new Error('there are no users on this system');
  process.seteuid(OURS);
  try {
    return await work();
  } finally {
    process.seteuid(0);
  }
}
