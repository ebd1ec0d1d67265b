/**
 * Runs the embedded server: Temporal's own dev server, with its database in the data root. It
 * continues to run after the command that started it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { CLI_TYPE_NAMES, SEARCH_ATTRIBUTES } from '../../contract/operator';
import { withoutProxy } from '../../contract/proxy-settings';
import { writeFileAtomically } from '../../files/write-file-atomically';
import { dataRootPaths } from '../../files/data-root';
import { ensureDirectory } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { plainSettings, type ConnectionSettings } from '../configured-connection';
import { findTemporalCli } from './find-cli';
import { freePort, isListening } from './free-ports';
import { lastServerRecord, readServerRecord, serverFile, type ServerRecord } from './server-record';
import { withStartLock } from './start-lock';
import { TemporalUnreachable } from '../temporal-unreachable';

/** The running server and how to reach it. */
export interface EmbeddedServer {
  readonly settings: ConnectionSettings;
  readonly uiUrl: string;
  readonly cli: string;
  readonly started: boolean;
  /**
   * Open, and the caller's to close. Only where {@link EnsureServerOptions.keepsClient} is true.
   */
  readonly client?: Client | undefined;
}

export interface EnsureServerOptions {
  readonly dataRoot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** The first ports to try. The next free ones are used when another process listens there. */
  readonly ports?: { readonly grpc: number; readonly ui: number };
  /** Called when the server has been launched, before it answers. */
  readonly whileStarting?: (() => Promise<unknown>) | undefined;
  /** Whether the caller wants the client that the server answered, and will close it. */
  readonly keepsClient?: boolean | undefined;
}

/** Temporal's default ports. */
const PORTS = { grpc: 7233, ui: 8233 };

/**
 * The time limit for the start, in milliseconds. A server starts in half a second, or in a few
 * seconds with a large database.
 */
const START_MS = 30_000;
const STOP_MS = 10_000;
const CHECK_EVERY_MS = 100;

/**
 * Settings of Go's garbage collector for the server, unless the environment has its own. While a
 * run starts, the server shares the processors with it. It collects twice until the end of a small
 * run, by default eight times, and needs 25 MB more memory. Near the limit it collects as often as
 * needed.
 */
const COLLECTOR = { GOGC: '400', GOMEMLIMIT: '1GiB' };

/** How often a server that starts is asked, in milliseconds. A refused connection costs little. */
const ASK_EVERY_MS = 5;

/**
 * Returns the data root's server, and starts it when it does not run. Two processes that call this
 * at the same moment get the same server.
 *
 * @throws StepError disk_*; TemporalCliMissing; TemporalUnreachable with the end of server.log when
 *   the server does not start.
 */
export async function ensureServer(options: EnsureServerOptions): Promise<EmbeddedServer> {
  const running = await runningServer(options.dataRoot, options.keepsClient);
  if (running !== null) return running;
  const { temporal } = dataRootPaths(options.dataRoot);
  onDisk(`make ${temporal}`, () => {
    ensureDirectory(temporal);
  });
  return withStartLock(serverFile(options.dataRoot, 'starting'), async () => {
    const meanwhile = await runningServer(options.dataRoot, options.keepsClient);
    // Servers of data roots that start at the same moment would find the same ports free.
    return meanwhile ?? withStartLock(machineLock(), () => startServer(options));
  });
}

/**
 * The data root's server if it runs and answers; otherwise null.
 *
 * @param keepsClient as {@link EnsureServerOptions.keepsClient}.
 */
export async function runningServer(
  dataRoot: string,
  keepsClient = false,
): Promise<EmbeddedServer | null> {
  const record = readServerRecord(dataRoot);
  const client = record === null ? null : await clientOf(record.address);
  if (record === null || client === null) return null;
  return {
    ...embeddedServer(record),
    started: false,
    client: await keptClient(client, keepsClient),
  };
}

async function keptClient(client: Client, isKept = false): Promise<Client | undefined> {
  if (isKept) return client;
  await client.connection.close();
  return undefined;
}

/** Stops the data root's server. Its database stays. Only its own user and root may stop it. */
export async function stopServer(
  dataRoot: string,
): Promise<'stopped' | 'not_running' | 'not_permitted'> {
  const record = readServerRecord(dataRoot);
  if (record === null) return 'not_running';
  if (!sendSignal(record.pid, 'SIGTERM')) return 'not_permitted';
  const deadline = Date.now() + STOP_MS;
  while (readServerRecord(dataRoot) !== null) {
    if (Date.now() > deadline) sendSignal(record.pid, 'SIGKILL');
    await delay(CHECK_EVERY_MS);
  }
  fs.rmSync(serverFile(dataRoot, 'server.json'), { force: true });
  return 'stopped';
}

/**
 * Sends a signal. Returns true also for a process that has ended meanwhile, because it needs no
 * signal.
 *
 * @returns false when the process belongs to another user.
 */
function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') return false;
    if (code !== 'ESRCH') throw error;
  }
  return true;
}

/**
 * The ports of the previous server. Workers that wait for a killed server find its successor there.
 */
function previousPorts(dataRoot: string): typeof PORTS | null {
  const record = lastServerRecord(dataRoot);
  if (record === null) return null;
  return {
    grpc: Number(new URL(`http://${record.address}`).port),
    ui: Number(new URL(record.uiUrl).port),
  };
}

function machineLock(): string {
  return path.join(os.tmpdir(), `artemis-pipeline-${os.userInfo().username}.starting`);
}

async function startServer(options: EnsureServerOptions): Promise<EmbeddedServer> {
  const { dataRoot, env, log } = options;
  const cli = await findTemporalCli({ env, log });
  const wanted = options.ports ?? previousPorts(dataRoot) ?? PORTS;
  const grpc = await freePort(wanted.grpc);
  const ui = await freePort(wanted.ui, [grpc]);
  const logFile = serverFile(dataRoot, 'server.log');
  const child = launch(cli, serverArguments(dataRoot, grpc, ui), { logFile, env });
  const address = `127.0.0.1:${grpc}`;
  await options.whileStarting?.();
  const client = await keptClient(
    await waitForAnswer(address, child, logFile),
    options.keepsClient,
  );
  const uiUrl = `http://localhost:${ui}`;
  const startedAt = new Date().toISOString();
  const record: ServerRecord = { v: 1, pid: child.pid, address, uiUrl, cli, startedAt };
  writeFileAtomically({
    root: dataRoot,
    path: serverFile(dataRoot, 'server.json'),
    content: `${JSON.stringify(record, null, 2)}\n`,
  });
  log.info(`Temporal runs at ${address}, its Web UI at ${uiUrl}`);
  return { ...embeddedServer(record), started: true, client };
}

/**
 * With these pragmas the server processes six times as many activities per second, as measured, and
 * its data survived kills.
 */
function serverArguments(dataRoot: string, grpc: number, ui: number): readonly string[] {
  const attributes = SEARCH_ATTRIBUTES.flatMap(({ name, type }) => [
    '--search-attribute',
    `${name}=${CLI_TYPE_NAMES[type]}`,
  ]);
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(grpc),
    '--ui-port',
    String(ui),
    '--log-level',
    'warn',
    '--db-filename',
    serverFile(dataRoot, 'temporal.db'),
    '--sqlite-pragma',
    'journal_mode=wal',
    '--sqlite-pragma',
    'synchronous=normal',
    ...attributes,
  ];
}

interface Launched {
  readonly pid: number;
  readonly hasEnded: () => boolean;
}

/**
 * Starts the server in a process group of its own, so that Ctrl-C in the terminal does not reach
 * it.
 */
function launch(
  cli: string,
  args: readonly string[],
  { logFile, env }: { readonly logFile: string; readonly env: EnsureServerOptions['env'] },
): Launched {
  const out = fs.openSync(logFile, 'a', 0o644);
  const stdio = ['ignore', out, out] as const;
  const child = spawn(cli, args, {
    detached: true,
    stdio: [...stdio],
    env: { ...COLLECTOR, ...withoutProxy(env) },
  });
  fs.closeSync(out);
  let ended = child.pid === undefined;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  child.unref();
  return { pid: child.pid ?? 0, hasEnded: () => ended };
}

/** @returns the client that the server answered. */
async function waitForAnswer(address: string, child: Launched, logFile: string): Promise<Client> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const client = await clientOf(address);
    // If the child has ended, a server that answers is another one.
    if (client !== null && !child.hasEnded()) return client;
    await client?.connection.close();
    if (child.hasEnded() || Date.now() > deadline) {
      if (!child.hasEnded()) process.kill(child.pid, 'SIGKILL');
      throw new TemporalUnreachable(
        address,
        `The embedded Temporal server did not come up at ${address}. ${logFile} ends with: ${lastLines(logFile)}`,
      );
    }
    await delay(ASK_EVERY_MS);
  }
}

/** A client that the server at the address has answered; null when none answers there. */
async function clientOf(address: string): Promise<Client | null> {
  if (!(await isListening(Number(address.split(':')[1])))) return null;
  try {
    // Loading the module takes half a second, which the server needs to start anyway.
    const { connectClient } = await import('../connection.js');
    return await connectClient(plainSettings(address));
  } catch (error) {
    if (error instanceof TemporalUnreachable) return null;
    throw error;
  }
}

function lastLines(file: string): string {
  return fs.readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' | ').slice(-600);
}

function embeddedServer(record: ServerRecord): Omit<EmbeddedServer, 'started'> {
  return {
    settings: plainSettings(record.address),
    uiUrl: record.uiUrl,
    cli: record.cli,
  };
}
