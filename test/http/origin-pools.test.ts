/** Pools of connections: kept open for a while when they are not used, and only so many. */
import { setTimeout as delay } from 'node:timers/promises';
import { createAddressGuard } from '../../src/http/address-guard';
import { IdlePools } from '../../src/http/idle-pools';
import { createNameResolver } from '../../src/http/names/name-resolver';
import { createOriginPools, type OriginPools } from '../../src/http/origin-pools';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';

let server: LyingServer;
let pools: OriginPools;
let idle: IdlePools;
let url: URL;
beforeEach(async () => {
  server = await startLyingServer();
  server.answer('/x', reply('200 OK', {}, Buffer.from('x')));
  url = new URL(`http://127.0.0.1:${server.port}/x`);
  idle = new IdlePools(1);
  pools = createOriginPools({
    guard: createAddressGuard({ allowPrivateHosts: ['127.0.0.1'], allowedPorts: [80] }),
    resolver: createNameResolver(),
    idle,
    connectionsFor: () => 1,
  });
});
afterEach(async () => {
  await pools.close();
  await server.close();
});

async function request(to: URL = url): Promise<void> {
  const use = pools.use(to);
  try {
    const { body } = await use.dispatcher.request({ path: '/x', method: 'GET' });
    await body.dump();
  } finally {
    use.done();
  }
}

async function untilOpen(count: number, of: LyingServer = server): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (of.connections.open !== count) {
    if (performance.now() > deadline)
      throw new Error(`${of.connections.open} connections are open, not ${count}`);
    await delay(20);
  }
}

it('are used again while requests follow one another', async () => {
  await request();
  await request();
  expect(server.connections.all).toBe(1);
});

it('close when they have had no request for a while', async () => {
  await request();
  await untilOpen(1);
  await untilOpen(0);
});

it('close when too many have no request, the oldest first, but never while in use', async () => {
  const other = await startLyingServer();
  try {
    other.answer('/x', reply('200 OK', {}, Buffer.from('x')));
    const otherUrl = new URL(`http://127.0.0.1:${other.port}/x`);
    const use = pools.use(url);
    await request();
    await request(otherUrl);
    await request();
    expect(server.connections.all).toBe(1);
    // Only one may be idle: the other server's pool gives way.
    use.done();
    use.done();
    await untilOpen(0, other);
    await request();
    expect(server.connections.all).toBe(1);
    await request(otherUrl);
    await untilOpen(0);
    await request();
    expect(server.connections.all).toBe(2);
  } finally {
    await other.close();
  }
});
