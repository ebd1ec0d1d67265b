/**
 * A process that was stopped asks a server again if it does not answer at once. Another process
 * does not.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../src/log';
import { findTemporalCli } from '../../src/server/embedded/find-cli';
import { freePort } from '../../src/server/embedded/free-ports';

/** Longer than the delay of a busy process, in milliseconds. */
const STOPPED_MS = 3_000;

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});

/** The reports of the process, one after the other. */
async function* reportsOf(child: ChildProcess): AsyncGenerator {
  const reports: unknown[] = [];
  let wake = (): void => undefined;
  child.on('message', (report) => {
    reports.push(report);
    wake();
  });
  for (;;) {
    while (reports.length > 0) yield reports.shift();
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

async function startAsking(): Promise<{ child: ChildProcess; reports: AsyncGenerator }> {
  const child = fork(path.join(__dirname, 'asks-temporal.cjs'));
  running.push(child);
  const reports = reportsOf(child);
  expect((await reports.next()).value).toBe('ready');
  return { child, reports };
}

async function startServer(port: number): Promise<void> {
  const log = createLogger({ level: 'silent', pretty: false });
  const cli = await findTemporalCli({ env: process.env, log });
  const words = ['server', 'start-dev', '--headless', '--port', String(port)];
  running.push(spawn(cli, words, { stdio: 'ignore' }));
}

it('a process that stood still asks again until the server answers', async () => {
  const { child, reports } = await startAsking();
  const port = await freePort(17_950);
  child.kill('SIGSTOP');
  await delay(STOPPED_MS);
  child.kill('SIGCONT');
  child.send(`127.0.0.1:${port}`);
  expect((await reports.next()).value).toBe('asked');
  expect((await reports.next()).value).toBe('asked');
  await startServer(port);
  let report: unknown = 'asked';
  while (report === 'asked') report = (await reports.next()).value;
  expect(report).toBe('answered');
});

it('a process that did not stand still gives up', async () => {
  const { child, reports } = await startAsking();
  child.send(`127.0.0.1:${await freePort(17_950)}`);
  expect((await reports.next()).value).toBe('asked');
  expect((await reports.next()).value).toBe('given up');
});
