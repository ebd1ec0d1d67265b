import { spawn, type ChildProcess } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  Connection,
  WorkflowFailedError,
  type ConnectionOptions,
} from '@temporalio/client';
import { resultOfRun } from '../../src/cli/result-of-run';
import { createLogger } from '../../src/log';
import { findTemporalCli } from '../../src/server/find-cli';
import { freePort } from '../../src/server/free-ports';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** More than Node lets a signal have without a warning. */
const POLLS = 15;

let server: ChildProcess;
let client: Client;
let polls = 0;

beforeAll(async () => {
  const port = await freePort(17_900);
  const log = createLogger({ level: 'silent', pretty: false });
  const cli = await findTemporalCli({ env: process.env, log });
  // A poll lasts 20 s, unless the server is told to answer sooner.
  const soon = ['--dynamic-config-value', 'history.longPollExpirationInterval="100ms"'];
  server = spawn(cli, ['server', 'start-dev', '--headless', '--port', String(port), ...soon], {
    stdio: 'ignore',
  });
  const counts: Interceptor = (options, next) => {
    if (options.method_definition.path.endsWith('/GetWorkflowExecutionHistory')) polls += 1;
    return next(options) as ReturnType<Interceptor>;
  };
  client = new Client({ connection: await connected(`127.0.0.1:${port}`, counts) });
}, 60_000);
afterAll(async () => {
  await client.connection.close();
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
});

async function connected(address: string, counts: Interceptor): Promise<Connection> {
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: '1s', interceptors: [counts] });
    } catch {
      // Not up yet; the hook's time ends this.
      await delay(100);
    }
  }
}

it('a run that is followed for long leaves no listeners behind, and no warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on('warning', note);
  const handle = await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'w' });
  const run = { workflowId: 'w', runId: handle.firstExecutionRunId };
  const followed = { ...run, executionRunId: handle.firstExecutionRunId };
  const polling = new AbortController();
  const result = resultOfRun(client, followed, polling.signal);
  const failed = expect(result).rejects.toThrow(WorkflowFailedError);
  const before = polls;
  while (polls < before + POLLS) await delay(50);
  expect(getEventListeners(polling.signal, 'abort').length).toBeLessThanOrEqual(1);
  await handle.terminate('enough');
  await failed;
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

it('ends with its signal, and does not poll on', async () => {
  const handle = await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'x' });
  const { firstExecutionRunId: runId } = handle;
  const polling = new AbortController();
  const run = { workflowId: 'x', runId, executionRunId: runId };
  const result = expect(resultOfRun(client, run, polling.signal)).rejects.toThrow();
  const before = polls;
  while (polls < before + 2) await delay(50);
  polling.abort(new Error('left'));
  await result;
});
