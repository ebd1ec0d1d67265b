/**
 * One Temporal server for all suites that neither kill it nor start their own. The first suite that
 * needs it starts it, and it is ended after the last suite (after-all-suites.ts). Each suite gets a
 * namespace of its own.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../src/contract/operator';
import { createLogger } from '../../../src/log';
import { findTemporalCli } from '../../../src/server/embedded/find-cli';
import { freePort, isListening } from '../../../src/server/embedded/free-ports';
import { until } from '../until';

/**
 * Names the folder of the server of this jest run. It is set before the first suite
 * (before-all-suites.ts).
 */
export const FOLDER_VARIABLE = 'ARTEMIS_TEST_SERVER';

export interface SharedServer {
  readonly pid: number;
  readonly address: string;
  readonly cli: string;
}

/** What `Pipeline.create` needs to work in a namespace of its own on the shared server. */
export interface SharedServerSettings extends Record<string, string> {
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_NAMESPACE: string;
}

/**
 * More namespaces than there are suites. One that is registered on a running server is visible only
 * seconds later.
 */
const NAMESPACES = Array.from({ length: 60 }, (_, index) => `suite-${index + 1}`);

/** Settings with which all commands use a namespace that no other suite has. */
export async function claimNamespace(): Promise<SharedServerSettings> {
  const folder = process.env[FOLDER_VARIABLE] ?? '';
  if (isMade(path.join(folder, 'starting'))) await start(folder);
  const saying = 'the Temporal server of all suites to start';
  const { address } = await until(() => readSharedServer(folder), { within: 60, saying });
  const namespace = NAMESPACES.find((name) => isMade(path.join(folder, name)));
  if (namespace === undefined) throw new Error('the shared server has too few namespaces');
  return { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

/** Null when no suite has started the server yet. */
export function readSharedServer(folder: string): SharedServer | null {
  const file = path.join(folder, 'server.json');
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as SharedServer) : null;
}

/** Only one process creates a folder, however many try. */
function isMade(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function start(folder: string): Promise<void> {
  const log = createLogger({ level: 'silent', pretty: false });
  const cli = await findTemporalCli({ env: process.env, log });
  const port = await freePort(17_300 + (process.pid % 1_000) * 4);
  const out = fs.openSync(path.join(folder, 'server.log'), 'a');
  const child = spawn(cli, serverArguments(port), {
    detached: true,
    stdio: ['ignore', out, out],
  });
  child.unref();
  fs.closeSync(out);
  await until(() => isListening(port), {
    within: 60,
    saying: () => `a Temporal server: ${fs.readFileSync(path.join(folder, 'server.log'), 'utf8')}`,
  });
  const server: SharedServer = { pid: child.pid ?? 0, address: `127.0.0.1:${port}`, cli };
  const file = path.join(folder, 'server.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify(server));
  fs.renameSync(`${file}.new`, file);
}

/** The database is in memory, because no suite kills this server. */
function serverArguments(port: number): readonly string[] {
  const types = { KEYWORD: 'Keyword', INT: 'Int' };
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--headless'],
    ...['--log-level', 'warn'],
    ...SEARCH_ATTRIBUTES.flatMap(({ name, type }) => [
      '--search-attribute',
      `${name}=${types[type]}`,
    ]),
    ...NAMESPACES.flatMap((name) => ['--namespace', name]),
  ];
}
