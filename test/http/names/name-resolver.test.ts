/**
 * Names are resolved without the thread pool, with one look-up for concurrent callers, and
 * independently of one another.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  NameNetwork,
  type NameNetworkOptions,
  type Resolved,
  type Zone,
} from '../../helpers/hosts/name-network';
import { canHaveOwnInternet } from '../../helpers/hosts/own-internet';

const ADDRESS = '93.184.216.34';
const SIX = '2606:2800:220:1::1';
const SILENT = { isSilent: true };

let network: NameNetwork | null = null;
afterEach(async () => {
  await network?.stop();
  network = null;
});

async function start(zone: Zone, options: NameNetworkOptions = {}): Promise<NameNetwork> {
  network = await NameNetwork.start(options);
  await network.serve(zone);
  return network;
}

const withTtl = (ttl: number, ...addresses: readonly string[]): object => ({ addresses, ttl });
const addressesOf = ({ addresses }: Resolved): readonly string[] | undefined =>
  addresses?.map(({ address }) => address);

(canHaveOwnInternet ? describe : describe.skip)('a resolved name', () => {
  it('costs one A and one AAAA query for 50 concurrent callers and for later ones within its TTL', async () => {
    const names = await start({ 'museum.test': { A: [withTtl(60, ADDRESS)] } });
    const all = await names.resolveAll(Array.from({ length: 50 }, () => 'museum.test'));
    expect(new Set(all.map((one) => String(addressesOf(one))))).toEqual(new Set([ADDRESS]));
    await names.resolve('MUSEUM.test');
    expect([...(await names.asked())].sort()).toEqual(['museum.test A', 'museum.test AAAA']);
  });

  it('is queried again after its TTL', async () => {
    const names = await start({ 'museum.test': { A: [withTtl(1, ADDRESS)] } });
    await names.resolve('museum.test');
    await delay(1_100);
    await names.resolve('museum.test');
    expect(await names.asked()).toHaveLength(4);
  });

  it('is queried each time if its TTL is 0', async () => {
    const names = await start({ 'museum.test': { A: [[ADDRESS], ['93.184.216.35']] } });
    expect(addressesOf(await names.resolve('museum.test'))).toEqual([ADDRESS]);
    expect(addressesOf(await names.resolve('museum.test'))).toEqual(['93.184.216.35']);
  });

  it('is not queried again within seconds after a denial', async () => {
    const names = await start({ 'empty.test': {} });
    expect(await names.resolve('nowhere.test')).toMatchObject({
      code: 'dns',
      message: 'the name does not exist (ENOTFOUND)',
      resolverUnreachable: false,
    });
    expect(await names.resolve('empty.test')).toMatchObject({
      message: 'the name has no address (ENODATA)',
    });
    await names.resolve('nowhere.test');
    await names.resolve('empty.test');
    expect(await names.asked()).toHaveLength(4);
  });

  it('has its A records after 50 ms if the AAAA query is not answered, and both after a late answer', async () => {
    const names = await start({
      'half.test': { A: [withTtl(60, ADDRESS)], AAAA: [SILENT] },
      'late.test': {
        A: [withTtl(60, ADDRESS)],
        AAAA: [{ addresses: [SIX], ttl: 60, delayMs: 300 }],
      },
    });
    const half = await names.resolve('half.test');
    expect(addressesOf(half)).toEqual([ADDRESS]);
    // The time limit of the look-up is ten times as long.
    expect(half.ms).toBeLessThan(1_000);
    expect(addressesOf(await names.resolve('late.test'))).toEqual([ADDRESS]);
    await delay(400);
    expect(addressesOf(await names.resolve('late.test'))).toEqual([SIX, ADDRESS]);
    expect(await names.asked('late.test')).toHaveLength(2);
  });

  it('costs one query of each type if it takes three seconds, also after 20 fast names', async () => {
    const slow = { addresses: [ADDRESS], ttl: 60, delayMs: 3_000 };
    const fast = Array.from({ length: 20 }, (_none, n) => `fast${n}.test`);
    const names = await start({
      'slow.test': { A: [slow], AAAA: [{ ttl: 60, delayMs: 3_000 }] },
      ...Object.fromEntries(fast.map((name) => [name, { A: [[ADDRESS]] }])),
    });
    await names.resolveAll(fast);
    const waiting = names.resolve('slow.test');
    const others = await names.resolveAll(fast);
    expect(Math.max(...others.map(({ ms }) => ms))).toBeLessThan(1_000);
    expect(addressesOf(await waiting)).toEqual([ADDRESS]);
    expect([...(await names.asked('slow.test'))].sort()).toEqual(['slow.test A', 'slow.test AAAA']);
  });

  it.each([
    ['a channel of its own for each', 64],
    ['one shared channel', 0],
    ['two channels, both in use', 2],
  ])(
    'does not wait for four unanswered names with one thread and %s',
    async (_what, ownChannels) => {
      const silent = [1, 2, 3, 4].map((n) => `silent${n}.test`);
      const names = await start(
        {
          'museum.test': { A: [[ADDRESS]] },
          ...Object.fromEntries(silent.map((name) => [name, { A: [SILENT], AAAA: [SILENT] }])),
        },
        {
          environment: { UV_THREADPOOL_SIZE: '1' },
          options: { ownChannels, lookupLimitMs: 3_000 },
        },
      );
      const waiting = names.resolveAll(silent);
      const { ms, ...museum } = await names.resolve('museum.test');
      expect(addressesOf({ ms, ...museum })).toEqual([ADDRESS]);
      expect(ms).toBeLessThan(1_000);
      for (const one of await waiting) expect(one).toMatchObject({ code: 'dns' });
    },
  );

  it('takes the channel of a name that only waits for its second type if no other channel is left', async () => {
    const half = [1, 2, 3].map((n) => `half${n}.test`);
    const names = await start(
      Object.fromEntries(half.map((name) => [name, { A: [withTtl(60, ADDRESS)], AAAA: [SILENT] }])),
      { options: { ownChannels: 1 } },
    );
    const before = await names.descriptors();
    for (const name of half) expect(addressesOf(await names.resolve(name))).toEqual([ADDRESS]);
    expect(await names.descriptors()).toBeLessThanOrEqual(before + 1);
  });

  it('is complete over TCP if its answer over UDP is truncated, and is resolved through an alias', async () => {
    const many = Array.from({ length: 40 }, (_none, n) => `93.184.216.${n + 1}`);
    const names = await start({
      'many.test': { A: [{ addresses: many, isTruncated: true }] },
      'alias.test': { A: [{ addresses: [ADDRESS], ttl: 60, cname: 'museum.example' }] },
    });
    expect(addressesOf(await names.resolve('many.test'))).toEqual(many);
    expect((await names.queries()).map(({ transport }) => transport)).toContain('tcp');
    expect(addressesOf(await names.resolve('alias.test'))).toEqual([ADDRESS]);
  });

  it('alternates between its IPv6 and IPv4 addresses, IPv6 first', async () => {
    const names = await start({
      'dual.test': { A: [[ADDRESS, '93.184.216.35']], AAAA: [[SIX]] },
    });
    expect(addressesOf(await names.resolve('dual.test'))).toEqual([SIX, ADDRESS, '93.184.216.35']);
  });
});

(canHaveOwnInternet ? describe : describe.skip)('a name server', () => {
  it('that does not answer fails look-ups with `dns` at their time limit', async () => {
    const names = await start({ 'museum.test': { A: [SILENT], AAAA: [SILENT] } });
    const failed = await names.resolve('museum.test');
    expect(failed).toMatchObject({
      code: 'dns',
      message: 'the name server did not answer within 10 s (ETIMEOUT)',
      resolverUnreachable: true,
    });
    expect(failed.ms).toBeLessThan(15_000);
    // The failure is cached.
    expect((await names.resolve('museum.test')).ms).toBeLessThan(1_000);
  });

  it('that refuses fails look-ups with `dns`', async () => {
    const names = await start({ 'museum.test': { A: [{ rcode: 5 }], AAAA: [{ rcode: 5 }] } });
    expect(await names.resolve('museum.test')).toMatchObject({
      code: 'dns',
      message: 'the name server refused (EREFUSED)',
      resolverUnreachable: false,
    });
  });

  it('that does not exist fails look-ups with `dns`', async () => {
    const names = await start({}, { servers: [] });
    expect(await names.resolve('museum.test')).toMatchObject({
      code: 'dns',
      message: 'no name server could be reached (ECONNREFUSED)',
      resolverUnreachable: true,
    });
  });

  it('that fails is reported as failed', async () => {
    const names = await start({ 'museum.test': { A: [{ rcode: 2 }], AAAA: [{ rcode: 2 }] } });
    expect(await names.resolve('museum.test')).toMatchObject({
      code: 'dns',
      message: 'the name server failed (ESERVFAIL)',
    });
  });

  it('that is dead costs about two seconds if there is a second one', async () => {
    const names = await start(
      { 'museum.test': { A: [[ADDRESS]] } },
      {
        servers: ['127.0.0.2'],
        silentServers: ['127.0.0.3'],
        resolvConf: 'nameserver 127.0.0.3\nnameserver 127.0.0.2\n',
      },
    );
    const museum = await names.resolve('museum.test');
    expect(addressesOf(museum)).toEqual([ADDRESS]);
    expect(museum.ms).toBeLessThan(5_000);
  });

  it('is replaced when resolv.conf changes', async () => {
    const names = await start(
      { 'museum.test': { A: [withTtl(60, ADDRESS), withTtl(60, '93.184.216.35')] } },
      { servers: ['127.0.0.1', '127.0.0.2'] },
    );
    await names.resolve('museum.test');
    names.write('resolv.conf', 'nameserver 127.0.0.2\n');
    await delay(1_100);
    expect(addressesOf(await names.resolve('museum.test'))).toEqual(['93.184.216.35']);
    const servers = (await names.queries()).map(({ server }) => server);
    expect(servers).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2']);
  });
});
