/** Pools of connections: closed when they are not used, at once when sockets are scarce. */
import { setTimeout as delay } from 'node:timers/promises';
import { createAddressGuard } from '../../src/http/address-guard';
import { createNameResolver } from '../../src/http/names/name-resolver';
import { createOriginPools, type OriginPools } from '../../src/http/origin-pools';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';

let server: LyingServer;
let pools: OriginPools;
let url: URL;
beforeEach(async () => {
  server = await startLyingServer();
  server.answer('/x', reply('200 OK', {}, Buffer.from('x')));
  url = new URL(`http://127.0.0.1:${server.port}/x`);
  pools = createOriginPools({
    guard: createAddressGuard({ allowPrivateHosts: ['127.0.0.1'], allowedPorts: [80] }),
    resolver: createNameResolver(),
    mostOrigins: 100,
    connectionsFor: () => 1,
  });
});
afterEach(async () => {
  await pools.close();
  await server.close();
});

async function request(): Promise<void> {
  const use = pools.use(url);
  try {
    const { body } = await use.dispatcher.request({ path: '/x', method: 'GET' });
    await body.dump();
  } finally {
    use.done();
  }
}

async function untilOpen(count: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (server.connections.open !== count) {
    if (performance.now() > deadline)
      throw new Error(`${server.connections.open} connections are open, not ${count}`);
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

it('close at once when sockets are scarce, but for those in use', async () => {
  const use = pools.use(url);
  const { body } = await use.dispatcher.request({ path: '/x', method: 'GET' });
  await body.dump();
  pools.closeIdle();
  await request();
  expect(server.connections.all).toBe(1);
  use.done();
  use.done();
  pools.closeIdle();
  await untilOpen(0);
  await request();
  expect(server.connections.all).toBe(2);
});
