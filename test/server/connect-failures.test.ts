/**
 * Everything that can be wrong on the way to a cluster. Each fault is reported in one line that
 * says what was found and what to do.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../src/config';
import { createLogger } from '../../src/log';
import {
  configuredConnection,
  type ConnectionSettings,
} from '../../src/server/configured-connection';
import { connectClient } from '../../src/server/connection';
import { connectNative } from '../../src/server/native-connection';
import { ensureServer, stopServer } from '../../src/server/embedded/dev-server';
import { freePort } from '../../src/server/embedded/free-ports';
import { TemporalUnreachable } from '../../src/server/temporal-unreachable';
import { createAuthority, type Authority, type Pair } from '../helpers/cluster/certificates';
import { startGateway, type Gateway } from '../helpers/cluster/gateway';

const KEY = 'planted-api-key-1';
const LONGEST_MS = 10_000;

let root: string;
let plain: string;
let authority: Authority;
let stranger: Authority;
let client: Pair;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-cluster-'));
  const log = createLogger({ level: 'silent', pretty: false });
  const grpc = await freePort(17_400);
  const ports = { grpc, ui: await freePort(grpc + 1) };
  plain = (await ensureServer({ dataRoot: root, env: process.env, log, ports })).settings.address;
  authority = createAuthority(root, 'ca');
  stranger = createAuthority(root, 'stranger');
  client = authority.issue('worker');
});
afterAll(async () => {
  for (const one of open) await one.close();
  await stopServer(root);
  fs.rmSync(root, { recursive: true, force: true });
});

async function gateway(
  certificate: Pair,
  apiKey?: string,
  denied: readonly string[] = [],
): Promise<Gateway> {
  const options = { target: plain, certificate, clients: authority, denied };
  const started = await startGateway({ ...options, ...(apiKey === undefined ? {} : { apiKey }) });
  open.push(started);
  return started;
}

/** Settings as an operator makes them, without this machine's own settings. */
function settings(variables: Readonly<Record<string, string>>): ConnectionSettings {
  const found = configuredConnection({ XDG_CONFIG_HOME: root, ...variables });
  if (found === null) throw new Error('no address');
  return found;
}

function trusting({ cert }: Pair, pair: Pair | null = client): Record<string, string> {
  if (pair === null) return { TEMPORAL_TLS_SERVER_CA_CERT_PATH: cert };
  const { cert: own, key } = pair;
  return {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: cert,
    TEMPORAL_TLS_CLIENT_CERT_PATH: own,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
  };
}

/** A server that accepts connections and never sends anything. */
async function silentServer(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

it('a command that cannot connect reports within 10 s, in one line, what was found and what to do', async () => {
  const good = await gateway(authority.issue('cluster', { names: 'IP:127.0.0.1' }), KEY);
  const elsewhere = await gateway(authority.issue('elsewhere'));
  const old = await gateway(authority.issue('old', { names: 'IP:127.0.0.1', days: -1 }));
  const at = (port: number): Record<string, string> => ({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
  const key = { TEMPORAL_API_KEY: KEY };
  const cases: readonly (readonly [RegExp, Record<string, string>])[] = [
    [/no process listens.*correct TEMPORAL_ADDRESS/, at(await freePort(17_950))],
    [/DNS does not know that name/, { TEMPORAL_ADDRESS: 'nowhere.invalid:7233' }],
    [/does not talk as a Temporal server does \(no answer in time\)/, at(await silentServer())],
    [/speaks TLS.*set TEMPORAL_TLS=true/, at(good.port)],
    [/does not speak TLS.*unset TEMPORAL_TLS/, { TEMPORAL_ADDRESS: plain, ...trusting(authority) }],
    [/does not speak TLS.*API key switches TLS on/, { TEMPORAL_ADDRESS: plain, ...key }],
    [/of a CA that is not trusted.*SERVER_CA_CERT_PATH/, { ...at(good.port), ...key }],
    [/of a CA that is not trusted/, { ...at(good.port), ...trusting(stranger) }],
    [
      /for another name.*TEMPORAL_TLS_SERVER_NAME/,
      { ...at(elsewhere.port), ...trusting(authority) },
    ],
    [/certificate has expired/, { ...at(old.port), ...trusting(authority) }],
    [
      /requires a client certificate.*CLIENT_CERT_PATH/,
      { ...at(good.port), ...trusting(authority, null), ...key },
    ],
    [
      /refuses the client certificate/,
      { ...at(good.port), ...trusting(authority, stranger.issue('thief')), ...key },
    ],
    [
      /refuses the client certificate/,
      { ...at(good.port), ...trusting(authority, authority.issue('late', { days: -1 })), ...key },
    ],
    [/does not let us in.*set TEMPORAL_API_KEY/, { ...at(good.port), ...trusting(authority) }],
    [
      /refuses the API key/,
      { ...at(good.port), ...trusting(authority), TEMPORAL_API_KEY: `${KEY}x` },
    ],
    [
      /no namespace "no where".*namespace create -n 'no where'/,
      { ...at(good.port), ...trusting(authority), ...key, TEMPORAL_NAMESPACE: 'no where' },
    ],
  ];
  const failures = await Promise.all(cases.map(([, variables]) => failureOf(settings(variables))));
  for (const [index, [expected]] of cases.entries()) {
    const { error, ms } = failures[index] ?? {};
    expect(error).toBeInstanceOf(TemporalUnreachable);
    expect(error?.message).toMatch(expected);
    expect(error?.message).not.toMatch(/\n|planted/);
    expect(ms).toBeLessThan(LONGEST_MS);
  }
});

async function failureOf(
  wanted: ConnectionSettings,
): Promise<{ readonly error: Error; readonly ms: number }> {
  const startedAt = Date.now();
  const error = await connectClient(wanted).then(
    () => new Error('it connected'),
    (reason: unknown) => reason as Error,
  );
  return { error, ms: Date.now() - startedAt };
}

it('a client and a worker connect when all settings are right, also under another name of the server', async () => {
  const { port } = await gateway(authority.issue('elsewhere'), KEY);
  const right = settings({
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    ...trusting(authority),
    TEMPORAL_TLS_SERVER_NAME: 'elsewhere',
    TEMPORAL_API_KEY: KEY,
  });
  await (await connectClient(right)).connection.close();
  await (await connectNative(right)).close();
});

it('a role that may not describe its namespace can start runs, but cannot be a worker', async () => {
  const certificate = authority.issue('cluster', { names: 'IP:127.0.0.1' });
  const { port } = await gateway(certificate, KEY, ['/DescribeNamespace']);
  const limited = settings({
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    ...trusting(authority),
    TEMPORAL_API_KEY: KEY,
  });
  await (await connectClient(limited)).connection.close();
  const attempt = connectNative(limited);
  await expect(attempt).rejects.toThrow(TemporalUnreachable);
  await expect(attempt).rejects.toThrow(/may not describe it, as every worker must/);
});

describe('settings that cannot be used are refused before anything is connected', () => {
  it('refuses half a pair, files that are not certificates, and a key of another certificate', () => {
    const at = { TEMPORAL_ADDRESS: 'cluster:7233' };
    const file = path.join(root, 'no.pem');
    fs.writeFileSync(file, 'planted');
    const refused: readonly (readonly [RegExp, Record<string, string>])[] = [
      [/only one is set/, { TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert }],
      [/no such file/, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' }],
      [/CA certificate.*not PEM|no start line/, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: file }],
      [/key values mismatch/, trusting(authority, { ...client, key: stranger.key })],
    ];
    for (const [expected, variables] of refused) {
      const attempt = (): unknown => settings({ ...at, ...variables });
      expect(attempt).toThrow(ConfigError);
      expect(attempt).toThrow(expected);
      expect(attempt).not.toThrow(/planted/);
    }
  });

  it('refuses a temporal.toml with a mistake, and shows none of its lines', () => {
    const file = path.join(root, 'bad.toml');
    fs.writeFileSync(file, '[profile.default]\napi_key = "planted" and more\n');
    const attempt = (): unknown => configuredConnection({ TEMPORAL_CONFIG_FILE: file });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).not.toThrow(/planted/);
    fs.writeFileSync(file, 'address = "cluster:7233"\n');
    expect(attempt).toThrow(/no table \[profile/);
    fs.writeFileSync(file, '[profile.prod]\naddress = "cluster:7233"\n');
    expect(() =>
      configuredConnection({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'test' }),
    ).toThrow(/'test' not found/);
  });

  it('ignores a variable that is set to the empty string', () => {
    const nothing = { TEMPORAL_API_KEY: '', TEMPORAL_TLS_CLIENT_CERT_PATH: '' };
    const found = settings({ TEMPORAL_ADDRESS: 'cluster:7233', ...nothing });
    expect(found.options.tls).toBeUndefined();
    expect(configuredConnection({ XDG_CONFIG_HOME: root, TEMPORAL_ADDRESS: '' })).toBeNull();
  });
});
