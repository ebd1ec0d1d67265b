/** One writer over all processes: the lock dies with its holder, and with nothing less. */
import { fork, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LockHolder } from '../../src/files/process/file-holder';
import { describeHolder, writerState } from '../../src/files/process/writer-state';
import { acquireWriterLock } from '../../src/warehouse/writer-lock';
import { until } from '../helpers/until';

let root: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL');
  fs.rmSync(root, { recursive: true });
});

function spawn(script: string, ...words: readonly string[]): ChildProcess {
  const child = fork(path.join(__dirname, script), words);
  children.push(child);
  return child;
}

/** A process that wants the lock; says `taken` and `waiting`. */
function contend(): ChildProcess {
  return spawn('lock-contender.cjs', root);
}

/** Sends all the same at once; what each says first. */
async function ask(processes: readonly ChildProcess[], message: object): Promise<string[]> {
  const answers = processes.map((child) => once(child, 'message') as Promise<[string]>);
  for (const child of processes) child.send(message);
  return (await Promise.all(answers)).map(([said]) => said);
}

async function says(child: ChildProcess, what: string): Promise<void> {
  const messages = on(child, 'message') as AsyncIterable<[string]>;
  for await (const [message] of messages) if (message === what) return;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

describe('the writer lock', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGSEGV', 'SIGABRT'] as const)(
    'passes to the standby after the holder’s %s',
    async (signal) => {
      const holder = contend();
      await says(holder, 'taken');
      const standby = contend();
      await says(standby, 'waiting');
      const taken = says(standby, 'taken');
      await end(holder, signal);
      await taken;
    },
  );

  it('names the holder, and says when it was stopped', async () => {
    const holder = contend();
    await says(holder, 'taken');
    const seen: LockHolder[] = [];
    const controller = new AbortController();
    const waiting = acquireWriterLock({
      dataRoot: root,
      onWaiting: (found) => seen.push(found),
      signal: controller.signal,
    });
    await until(() => seen.length >= 1, {
      within: 60,
      every: 20,
      saying: 'the holder to be named',
    });
    holder.kill('SIGSTOP');
    await until(() => seen.length >= 2, {
      within: 60,
      every: 20,
      saying: 'the holder to be seen as stopped',
    });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
    expect(seen[0]).toMatchObject({ pid: holder.pid, isStopped: false });
    expect(seen[1]).toMatchObject({ pid: holder.pid, isStopped: true });
  });

  it('is taken by one of two at the same instant, while the other waits: a hundred new data roots', async () => {
    const racers = [spawn('lock-racer.cjs'), spawn('lock-racer.cjs')];
    await Promise.all(racers.map((racer) => says(racer, 'ready')));
    for (let round = 1; round <= 100; round += 1) {
      const dataRoot = path.join(root, String(round));
      expect((await ask(racers, { dataRoot })).sort()).toEqual(['taken', 'waiting']);
      // The one that waits may take the lock before it is asked to end, and says so first.
      const ended = racers.map((racer) => says(racer, 'ended'));
      for (const racer of racers) racer.send({ end: true });
      await Promise.all(ended);
    }
  });

  it('is told from outside with its holder, since when it is held, and what to do when that is stopped', async () => {
    const holder = contend();
    const startedAt = Date.now();
    await says(holder, 'taken');
    const { writer } = writerState(root);
    expect(writer).toMatchObject({ pid: holder.pid, isStopped: false });
    expect(Date.parse(writer?.since ?? '')).toBeGreaterThanOrEqual(startedAt);
    expect(Date.parse(writer?.since ?? '')).toBeLessThanOrEqual(Date.now());
    holder.kill('SIGSTOP');
    await until(() => writerState(root).writer?.isStopped === true, {
      within: 60,
      every: 20,
      saying: 'the writer to be seen as stopped',
    });
    const stopped = writerState(root).writer;
    expect(stopped === null ? '' : describeHolder(stopped)).toContain(
      `kill -CONT ${holder.pid ?? 0}`,
    );
    await end(holder, 'SIGKILL');
    expect(writerState(root).writer).toBeNull();
  });

  it('is one process’s at a time when many start at the same instant', async () => {
    const log = path.join(root, 'log');
    fs.writeFileSync(log, '');
    const left = new Map(
      Array.from({ length: 6 }, () => {
        const child = contend();
        return [child, says(child, 'taken').then(() => child)];
      }),
    );
    for (let turn = 1; left.size > 0; turn += 1) {
      const taken = await Promise.race(left.values());
      left.delete(taken);
      await delay(1_200);
      const holders = fs.readFileSync(log, 'utf8').trim().split('\n');
      expect(holders).toHaveLength(turn);
      expect(holders.at(-1)).toBe(String(taken.pid));
      await end(taken, 'SIGKILL');
    }
  });
});
