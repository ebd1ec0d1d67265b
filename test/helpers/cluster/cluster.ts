/**
 * A cluster for one test file: a real server behind gateways that require certificates and a key.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createLogger } from '../../../src/log';
import { ensureServer } from '../../../src/server/embedded/dev-server';
import { freePort } from '../../../src/server/embedded/free-ports';
import { createAuthority } from './certificates';
import { startGateway, type Gateway } from './gateway';

type Variables = Readonly<Record<string, string>>;

export interface Cluster {
  readonly gateway: Gateway;
  /** Runs Temporal's CLI against the server itself, as its owner would. */
  temporal(...words: readonly string[]): string;
  /** Creates a namespace with a retention of three days. */
  createNamespace(name: string): void;
  /** Opens another gateway, which denies only the methods in `denied`. */
  openGateway(denied?: readonly string[]): Promise<Gateway>;
  /** Variables that name a profile in temporal.toml, which leads to the first gateway. */
  byProfile(namespace: string): Variables;
  /** Variables that lead to a gateway without a profile. */
  byVariables(namespace: string, port?: number): Variables;
  close(): Promise<void>;
}

/**
 * Starts the cluster. Its server is that of `root`, and `down` ends it. The first gateway denies
 * the methods in `denied`.
 */
export async function startCluster(options: {
  readonly folder: string;
  readonly root: string;
  readonly apiKey: string;
  readonly denied: readonly string[];
}): Promise<Cluster> {
  const { folder, root, apiKey } = options;
  fs.mkdirSync(root, { recursive: true });
  const grpc = await freePort(17_500);
  const ports = { grpc, ui: await freePort(grpc + 1) };
  const log = createLogger({ level: 'silent', pretty: false });
  const { settings, cli } = await ensureServer({ dataRoot: root, env: process.env, log, ports });
  const authority = createAuthority(folder, 'ca');
  const client = authority.issue('worker');
  const gateways: Gateway[] = [];
  const open = async (denied: readonly string[]): Promise<Gateway> => {
    const certificate = authority.issue('cluster');
    const before = { target: settings.address, clients: authority, apiKey };
    const started = await startGateway({ ...before, certificate, denied });
    gateways.push(started);
    return started;
  };
  const gateway = await open(options.denied);
  const temporal = (...words: readonly string[]): string => {
    const all = [...words, '--address', settings.address];
    const run = spawnSync(cli, all, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`temporal ${words.join(' ')}: ${run.stderr}`);
    return run.stdout;
  };
  return {
    gateway,
    temporal,
    createNamespace: (name) =>
      temporal('operator', 'namespace', 'create', '--namespace', name, '--retention', '3d'),
    openGateway: (refused = []) => open(refused),
    byProfile: (namespace) => {
      const file = path.join(folder, 'temporal.toml');
      const lines = [
        `[profile.${namespace}]`,
        `address = "127.0.0.1:${gateway.port}"`,
        `namespace = "${namespace}"`,
        `api_key = "${apiKey}"`,
        `[profile.${namespace}.tls]`,
        `server_ca_cert_path = "${authority.cert}"`,
        `client_cert_path = "${client.cert}"`,
        `client_key_path = "${client.key}"`,
        'server_name = "cluster"',
      ];
      fs.writeFileSync(file, lines.join('\n'));
      return { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: namespace };
    },
    byVariables: (namespace, port = gateway.port) => ({
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_API_KEY: apiKey,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
      TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: client.key,
      TEMPORAL_TLS_SERVER_NAME: 'cluster',
    }),
    close: async () => {
      for (const one of gateways) await one.close();
    },
  };
}
