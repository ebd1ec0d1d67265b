import { spawn, type ChildProcess } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { resultOfRun } from '../../../src/cli/run/result-of-run';
import { createLogger } from '../../../src/log';
import { plainSettings } from '../../../src/server/configured-connection';
import { connectClient } from '../../../src/server/connection';
import { findTemporalCli } from '../../../src/server/embedded/find-cli';
import { StandstillWatch } from '../../../src/server/standstill';
import { TemporalUnreachable } from '../../../src/server/temporal-unreachable';
import { unusedPort } from '../../helpers/hosts/unused-port';

/** More listeners than Node allows a signal without a warning. */
const POLLS = 15;

let server: ChildProcess;
let client: Client;
const watch = new StandstillWatch();

beforeAll(async () => {
  const port = await unusedPort();
  const log = createLogger({ level: 'silent', pretty: false });
  const cli = await findTemporalCli({ env: process.env, log });
  // A poll lasts 20 s unless the server is configured to answer sooner.
  const soon = ['--dynamic-config-value', 'history.longPollExpirationInterval="100ms"'];
  server = spawn(cli, ['server', 'start-dev', '--headless', '--port', String(port), ...soon], {
    stdio: 'ignore',
  });
  client = await connected(`127.0.0.1:${port}`);
});
afterAll(async () => {
  watch.stop();
  await client.connection.close();
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
});

async function connected(address: string): Promise<Client> {
  for (;;) {
    try {
      return await connectClient(plainSettings(address));
    } catch (error) {
      if (!(error instanceof TemporalUnreachable)) throw error;
      // The server does not answer yet. The hook's time limit ends this.
      await delay(100);
    }
  }
}

/** Waits for polls. Every poll adds a listener to the signal while it lasts. */
async function untilPolled(signal: AbortSignal, times: number): Promise<void> {
  const listens = jest.spyOn(signal, 'addEventListener');
  while (listens.mock.calls.length < times) await delay(50);
  listens.mockRestore();
}

it('resultOfRun leaves no listeners and no warning after many polls', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on('warning', note);
  const handle = await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'w' });
  const run = { workflowId: 'w', runId: handle.firstExecutionRunId };
  const followed = { ...run, executionRunId: handle.firstExecutionRunId };
  const polling = new AbortController();
  const result = resultOfRun(client, followed, { signal: polling.signal, watch });
  const failed = expect(result).rejects.toThrow(WorkflowFailedError);
  await untilPolled(polling.signal, POLLS);
  expect(getEventListeners(polling.signal, 'abort').length).toBeLessThanOrEqual(1);
  await handle.terminate('enough');
  await failed;
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

it('resultOfRun rejects when its signal is aborted, and stops polling', async () => {
  const handle = await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'x' });
  const { firstExecutionRunId: runId } = handle;
  const polling = new AbortController();
  const run = { workflowId: 'x', runId, executionRunId: runId };
  const result = expect(
    resultOfRun(client, run, { signal: polling.signal, watch }),
  ).rejects.toThrow();
  await untilPolled(polling.signal, 2);
  polling.abort(new Error('left'));
  await result;
});
