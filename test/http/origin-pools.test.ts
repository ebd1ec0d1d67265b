/** Idle connection pools stay open for a limited time, and only a limited number of them does. */
import { setTimeout as delay } from 'node:timers/promises';
import { createAddressGuard } from '../../src/http/addresses/address-guard';
import { startDeadline } from '../../src/http/deadline';
import { IdlePools } from '../../src/http/pools/idle-pools';
import { createNameResolver } from '../../src/http/names/name-resolver';
import { createOriginPools, type OriginPools } from '../../src/http/pools/origin-pools';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';

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
    const options = { path: '/x', method: 'GET' as const, headers: {}, opaque: { sent: nothing } };
    const deadline = startDeadline({ seconds: 20, signal: new AbortController().signal });
    const { body } = await use.send(options, deadline);
    await body.read(nothing);
    deadline.clear();
  } finally {
    use.done();
  }
}

function nothing(): void {
  // Only the connections count.
}

async function untilOpen(count: number, target: LyingServer = server): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (target.connections.open !== count) {
    if (performance.now() > deadline)
      throw new Error(`${target.connections.open} connections are open, not ${count}`);
    await delay(20);
  }
}

it('reuses a connection for consecutive requests', async () => {
  await request();
  await request();
  expect(server.connections.all).toBe(1);
});

it('closes a connection that has had no request for a while', async () => {
  await request();
  await untilOpen(1);
  await untilOpen(0);
});

it('closes the pool that has been idle the longest if too many are idle, but none that is in use', async () => {
  const other = await startLyingServer();
  try {
    other.answer('/x', reply('200 OK', {}, Buffer.from('x')));
    const otherUrl = new URL(`http://127.0.0.1:${other.port}/x`);
    const use = pools.use(url);
    await request();
    await request(otherUrl);
    await request();
    expect(server.connections.all).toBe(1);
    // Only one pool may be idle, so the pool of the other server closes.
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
