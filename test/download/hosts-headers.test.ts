/**
 * Headers of hosts, from the worker's own file, are sent to their host only, and not without TLS
 * after a redirect. (N19)
 */
import fs from 'node:fs';
import path from 'node:path';
import { createAuthority } from '../helpers/cluster/certificates';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { runBatchBehind } from './batch-behind';
import { entryOf, forEachTest, type BatchFixture, type Settings } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
});
forEachTest((scene) => ({ server, batch } = scene));

const hostOf = ({ port }: LyingServer): string => `127.0.0.1:${port}`;

function keyOf({ requests }: LyingServer, name: string): string | undefined {
  return /x-key: (.*)/i.exec(requests.find((one) => one.path === name)?.head ?? '')?.[1];
}

function settingsFor(other: LyingServer, headers: Readonly<Record<string, object>>): Settings {
  const file = path.join(batch.root, 'headers.json');
  fs.writeFileSync(file, JSON.stringify(headers));
  return {
    ARTEMIS_HTTP_HEADERS_FILE: file,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `${hostOf(server)},${hostOf(other)}`,
  };
}

it('headers of a host are sent to it alone, and not to the target of a redirect, even on another port of the same name', async () => {
  const other = await startLyingServer();
  try {
    server.answer('/a', reply('302 Found', { location: `http://${hostOf(other)}/b` }));
    other.answer('/b', reply('302 Found', { location: `http://${hostOf(server)}/c` }));
    server.answer('/c', reply('200 OK', {}, jpeg));
    batch.plan([entryOf(`http://${hostOf(server)}/a`)]);
    const settings = settingsFor(other, {
      [hostOf(server)]: { 'x-key': 'secret' },
      '127.0.0.1': { 'x-key': 'of port 80' },
    });
    await batch.run({ settings });
    expect(batch.lines()).toMatchObject([{ outcome: 'stored' }]);
    expect(['/a', '/c'].map((name) => keyOf(server, name))).toEqual(['secret', 'secret']);
    expect(other.requests).toHaveLength(1);
    expect(keyOf(other, '/b')).toBeUndefined();
    expect(server.requests[0]?.head).toMatch(/user-agent: artemis-pipeline\/\S+ \(\+mailto:/i);
  } finally {
    await other.close();
  }
});

it('headers for a host without TLS are not sent after redirects that began with TLS, but after those that began without', async () => {
  const authority = createAuthority(batch.root, 'museum');
  const certificate = authority.issue('here', { names: 'IP:127.0.0.1' });
  const secure = await startLyingServer({ certificate });
  try {
    secure.answer('/over-tls', reply('302 Found', { location: `http://${hostOf(server)}/after` }));
    server.answer('/after', reply('200 OK', {}, jpeg));
    server.answer('/plain', reply('302 Found', { location: `https://${hostOf(secure)}/kept` }));
    secure.answer('/kept', reply('200 OK', {}, jpeg));
    const urls = [`https://${hostOf(secure)}/over-tls`, `http://${hostOf(server)}/plain`];
    batch.plan(urls.map((url) => entryOf(url)));
    const settings = settingsFor(secure, {
      [hostOf(server)]: { 'x-key': 'plain' },
      [hostOf(secure)]: { 'x-key': 'secure' },
    });
    await batch.run({
      settings,
      work: (options) => runBatchBehind(['env', `NODE_EXTRA_CA_CERTS=${authority.cert}`], options),
    });
    expect(batch.lines().map(({ outcome }) => outcome)).toEqual(['stored', 'stored']);
    expect(keyOf(secure, '/over-tls')).toBe('secure');
    expect(keyOf(server, '/after')).toBeUndefined();
    expect(keyOf(server, '/plain')).toBe('plain');
    expect(keyOf(secure, '/kept')).toBe('secure');
  } finally {
    await secure.close();
  }
});
