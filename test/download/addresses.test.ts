/** Where requests may go: redirects and URLs. */
import net from 'node:net';
import { picture } from '../helpers/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
  server = await startLyingServer();
});
beforeEach(() => {
  batch = new BatchFixture(server.port);
});
afterEach(() => batch.dispose());
afterAll(() => server.close());

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

describe('redirects', () => {
  it('are followed, five at most', async () => {
    for (let hop = 0; hop < 7; hop += 1)
      server.answer(`/hop${hop}`, reply('302 Found', { location: `/hop${hop + 1}` }));
    server.answer('/hop5', reply('200 OK', {}, jpeg));
    server.answer('/far', reply('301 Moved', { location: '/hop0' }));
    batch.plan([entryOf(url('/hop0')), entryOf(url('/far'))]);
    await batch.run();
    const lines = new Map(batch.lines().map((line) => [line.id, line]));
    expect(lines.get('/hop0')).toMatchObject({ outcome: 'stored', requests: 6 });
    expect(lines.get('/far')).toMatchObject({ outcome: 'failed', code: 'too_many_redirects' });
  });

  it.each<[string, string | null, string]>([
    ['without a Location', null, 'redirect'],
    ['to nonsense', 'http://[', 'redirect'],
    ['with a password', 'http://user:secret@127.0.0.1/', 'redirect'],
    ['to a file', 'file:///etc/passwd', 'scheme'],
    ['to a private address', 'http://10.0.0.1/x', 'blocked_address'],
    ['to the metadata service', 'http://169.254.169.254/latest', 'blocked_address'],
    ['to loopback in another notation', 'http://2130706433/x', 'blocked_address'],
    ['to loopback in IPv6', 'http://[::ffff:127.0.0.1]/x', 'blocked_address'],
  ])('%s are refused', async (_what, location, code) => {
    server.answer('/image', reply('302 Found', location === null ? {} : { location }));
    batch.plan([entryOf(url('/image'))]);
    await batch.run();
    const [line] = batch.lines();
    expect(line).toMatchObject({ outcome: 'failed', code });
    expect(JSON.stringify(line)).not.toContain('secret');
  });
});

describe('a URL that is not asked for', () => {
  it.each<[string, string, string]>([
    ['a private name', 'http://localhost/x', 'blocked_address'],
    ['a port that is not open', 'http://127.0.0.1:1/x', 'blocked_address'],
    ['another scheme', 'ftp://127.0.0.1/x', 'scheme'],
    ['a password', 'http://u:p@127.0.0.1/x', 'bad_url'],
    ['no URL', 'not a url', 'bad_url'],
  ])('%s', async (_what, wanted, code) => {
    batch.plan([{ url: wanted, ids: [{ id: 'x', urlHash: '0', file: null }] }]);
    await batch.run({ settings: { ARTEMIS_MAX_ATTEMPTS: '1' } });
    expect(batch.lines()[0]).toMatchObject({
      outcome: 'failed',
      code,
      requests: expect.any(Number) as number,
    });
  });

  it('a port that refuses', async () => {
    const probe = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as net.AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    batch.plan([entryOf(`http://127.0.0.1:${port}/x`)]);
    await batch.run({
      settings: {
        ARTEMIS_MAX_ATTEMPTS: '1',
        ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${port}`,
      },
    });
    expect(batch.lines()[0]).toMatchObject({ outcome: 'failed', code: 'connect', retryable: true });
  });
});
