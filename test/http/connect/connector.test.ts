/** Connections only go to checked addresses, and to the address of a host that answers first. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createAuthority } from '../../helpers/cluster/certificates';
import { NameNetwork, type NameNetworkOptions, type Zone } from '../../helpers/hosts/name-network';
import { canHaveOwnInternet } from '../../helpers/hosts/own-internet';

const FOUR = '93.184.216.34';
const OTHER_FOUR = '93.184.216.35';
const SIX = '2606:2800:220:1::1';

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

const DUAL: Zone = {
  'dual.test': {
    A: [{ addresses: [FOUR], ttl: 60 }],
    AAAA: [{ addresses: [SIX], ttl: 60 }],
  },
};

(canHaveOwnInternet ? describe : describe.skip)('a connection', () => {
  it('succeeds over slow IPv4 if there is no route to the IPv6 address of the host', async () => {
    const hosts = await start(DUAL, { addresses: [FOUR] });
    await hosts.listenSlowly(FOUR, 700);
    const connected = await hosts.connect('http://dual.test/');
    expect(connected.remoteAddress).toBe(FOUR);
    expect(connected.ms).toBeGreaterThan(400);
  });

  it('goes to the address that answers if another one is dead, and tries it first the next time', async () => {
    const hosts = await start(DUAL, { addresses: [FOUR, SIX] });
    await hosts.listenSlowly(SIX, 'for ever');
    await hosts.listen(FOUR);
    const first = await hosts.connect('http://dual.test/');
    expect(first.remoteAddress).toBe(FOUR);
    expect(first.ms).toBeGreaterThanOrEqual(240);
    const descriptors = await hosts.descriptors();
    const second = await hosts.connect('http://dual.test/');
    expect(second.remoteAddress).toBe(FOUR);
    expect(second.ms).toBeLessThan(240);
    expect(await hosts.connections()).toEqual([FOUR, FOUR]);
    // The unsuccessful attempt holds no socket.
    expect(await hosts.descriptors()).toBeLessThanOrEqual(descriptors + 1);
  });

  it('succeeds over a slow address if addresses that were tried later fail', async () => {
    const hosts = await start(
      { 'slow.test': { A: [[FOUR, OTHER_FOUR]] } },
      { addresses: [FOUR, OTHER_FOUR] },
    );
    await hosts.listenSlowly(FOUR, 700);
    expect((await hosts.connect('http://slow.test/')).remoteAddress).toBe(FOUR);
  });

  it('fails with a message that states what happened at each address', async () => {
    const hosts = await start(DUAL, { addresses: [FOUR], timeoutMs: 1_000 });
    await hosts.listenSlowly(FOUR, 'for ever');
    expect(await hosts.connect('http://dual.test/')).toMatchObject({
      code: 'timeout',
      message: `no connection within 1 s to ${FOUR}; ${SIX} unreachable (ENETUNREACH)`,
      noRoute: false,
    });
  });

  it('does not report a missing network if it is refused', async () => {
    const hosts = await start(DUAL, { addresses: [FOUR] });
    expect(await hosts.connect('http://dual.test/')).toMatchObject({
      code: 'connect',
      message: `${SIX} unreachable (ENETUNREACH); ECONNREFUSED by ${FOUR}`,
      noRoute: false,
    });
  });

  it('reports that there is no route to any address', async () => {
    const hosts = await start(DUAL);
    expect(await hosts.connect('http://dual.test/')).toMatchObject({
      code: 'connect',
      message: `${SIX}, ${FOUR} unreachable (ENETUNREACH)`,
      noRoute: true,
    });
  });

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://inside.test/',
  ])('to %s is refused without an attempt to connect', async (url) => {
    const hosts = await start({ 'inside.test': { A: [[FOUR, '127.0.0.1']] } });
    await hosts.listen('127.0.0.1');
    expect(await hosts.connect(url)).toMatchObject({ code: 'blocked_address' });
    expect(await hosts.connections()).toEqual([]);
  });

  it('is refused to an address that a NAT64 gateway would translate to a private one, but not to a public one', async () => {
    const hosts = await start(
      {
        'ipv4only.arpa': { AAAA: [['2a00:64::c000:aa']] },
        'inside.test': { AAAA: [['2a00:64::a00:1']] },
        'museum.test': { AAAA: [['2a00:64::5db8:d822']] },
      },
      { addresses: ['2a00:64::a00:1', '2a00:64::5db8:d822'] },
    );
    await hosts.listen('2a00:64::a00:1');
    await hosts.listen('2a00:64::5db8:d822');
    expect(await hosts.connect('http://inside.test/')).toMatchObject({ code: 'blocked_address' });
    expect(await hosts.connect('http://museum.test/')).toMatchObject({
      remoteAddress: '2a00:64::5db8:d822',
    });
  });
});

(canHaveOwnInternet ? describe : describe.skip)('a cached address', () => {
  const MOVED: Zone = {
    'moved.test': {
      A: [
        { addresses: [FOUR], ttl: 600 },
        { addresses: [OTHER_FOUR], ttl: 600 },
      ],
    },
  };

  it('is removed and queried again when it stops accepting connections', async () => {
    const hosts = await start(MOVED, { addresses: [FOUR, OTHER_FOUR] });
    await hosts.listen(FOUR);
    await hosts.listen(OTHER_FOUR);
    expect(await hosts.connect('http://moved.test/')).toMatchObject({ remoteAddress: FOUR });
    await hosts.unlisten(FOUR);
    expect(await hosts.connect('http://moved.test/')).toMatchObject({ code: 'connect' });
    expect(await hosts.connect('http://moved.test/')).toMatchObject({ remoteAddress: OTHER_FOUR });
  });

  it('is kept if it never accepted a connection, so that a dead host causes no further queries', async () => {
    const hosts = await start(MOVED, { addresses: [FOUR] });
    for (let n = 0; n < 3; n += 1)
      expect(await hosts.connect('http://moved.test/')).toMatchObject({ code: 'connect' });
    expect(await hosts.asked('moved.test')).toHaveLength(2);
  });
});

(canHaveOwnInternet ? describe : describe.skip)('a connection over TLS', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-tls-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  it('verifies the host name, and refuses a certificate for another name', async () => {
    const authority = createAuthority(folder, 'museum');
    const hosts = await start(
      {
        'museum.test': { A: [[FOUR]], AAAA: [[SIX]] },
        'other.test': { A: [[FOUR]] },
      },
      { addresses: [FOUR], environment: { NODE_EXTRA_CA_CERTS: authority.cert } },
    );
    await hosts.listen(FOUR, 443, authority.issue('museum.test'));
    expect(await hosts.connect('https://museum.test/')).toMatchObject({
      remoteAddress: FOUR,
      alpnProtocol: false,
    });
    expect(await hosts.connect('https://other.test/')).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('fails at its time limit if the handshake hangs', async () => {
    const hosts = await start(
      { 'museum.test': { A: [[FOUR]] } },
      { addresses: [FOUR], timeoutMs: 500 },
    );
    await hosts.listen(FOUR, 443);
    const before = await hosts.descriptors();
    expect(await hosts.connect('https://museum.test/')).toMatchObject({
      code: 'timeout',
      message: 'the TLS handshake was not complete after 0.5 s',
    });
    // The listener's end of the connection is closed too.
    expect(await hosts.descriptors()).toBeLessThanOrEqual(before + 1);
  });
});
