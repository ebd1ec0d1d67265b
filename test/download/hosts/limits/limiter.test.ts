/** The limiter of a host passes a connection to the next request when it can be used again. */
import { createAdaptiveRate } from '../../../../src/download/hosts/limits/adaptive-rate';
import { createLimiter } from '../../../../src/download/hosts/limits/limiter';
import { BudgetRequest } from '../../../../src/download/hosts/shared/budget-request';
import { createAddressGuard } from '../../../../src/http/addresses/address-guard';
import { startDeadline } from '../../../../src/http/deadline';
import { createNameResolver } from '../../../../src/http/names/name-resolver';
import { IdlePools } from '../../../../src/http/pools/idle-pools';
import { createOriginPools } from '../../../../src/http/pools/origin-pools';
import { reply, startLyingServer } from '../../../helpers/hosts/lying-server';

const BUDGET = { connections: 4, requestsPerSecond: 1_000 };

/** So long that every request waits for the connection, on a loaded machine too. */
const REUSE_WAIT_MS = 600_000;

function ownRequest(): BudgetRequest {
  return new BudgetRequest({
    id: 1,
    key: { run: 'run', host: 'host' },
    budget: { ...BUDGET, user: 'user' },
    isOwn: true,
    send: () => undefined,
    onRelease: () => undefined,
  });
}

it('requests that wait for a connection get it when it is free, and open no other', async () => {
  const server = await startLyingServer();
  server.answer('/x', reply('200 OK', {}, Buffer.from('x')));
  const url = new URL(`http://127.0.0.1:${server.port}/x`);
  const pools = createOriginPools({
    guard: createAddressGuard({ allowPrivateHosts: ['127.0.0.1'], allowedPorts: [80] }),
    resolver: createNameResolver(),
    idle: new IdlePools(1),
    connectionsFor: () => BUDGET.connections,
  });
  const limiter = createLimiter(BUDGET, createAdaptiveRate(BUDGET.requestsPerSecond), {
    saved: null,
    opensAt: 0,
    shared: ownRequest,
    reuseWaitMs: REUSE_WAIT_MS,
  });
  const { signal } = new AbortController();
  const request = async (): Promise<void> => {
    const permit = await limiter.acquire(signal);
    const use = pools.use(url);
    const deadline = startDeadline({ seconds: 60, signal });
    const options = { path: '/x', method: 'GET' as const, headers: {}, opaque: permit };
    const { body } = await use.send(options, deadline);
    await body.read(() => undefined);
    deadline.clear();
    use.done();
    permit.release();
  };
  try {
    await Promise.all(Array.from({ length: 20 }, request));
    expect(server.requests).toHaveLength(20);
    expect(server.connections.all).toBe(1);
  } finally {
    await pools.close();
    await server.close();
  }
});
