/**
 * The sources of names besides DNS: the hosts file, the search list, other services of the system,
 * and NAT64 prefixes.
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
const OTHER = '93.184.216.35';

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

const addressesOf = ({ addresses }: Resolved): readonly string[] | undefined =>
  addresses?.map(({ address }) => address);

(canHaveOwnInternet ? describe : describe.skip)('a name in the hosts file', () => {
  it('has all addresses of all lines that list it, without a query', async () => {
    const names = await start(
      { 'museum.test': { A: [[OTHER]] } },
      {
        hosts: `# comment\n${ADDRESS} Museum.test other # museum.example\n2606:2800::1\tmuseum.test\n`,
      },
    );
    expect(addressesOf(await names.resolve('museum.test'))).toEqual(['2606:2800::1', ADDRESS]);
    expect(addressesOf(await names.resolve('other'))).toEqual([ADDRESS]);
    expect(await names.asked()).toEqual([]);
  });

  it('has its new address after the file has changed', async () => {
    const names = await start({}, { hosts: `${ADDRESS} museum.test\n` });
    await names.resolve('museum.test');
    names.write('hosts', `${OTHER} museum.test\n`);
    await delay(1_100);
    expect(addressesOf(await names.resolve('museum.test'))).toEqual([OTHER]);
  });

  it('is ignored if nsswitch.conf does not list files', async () => {
    const names = await start(
      { 'museum.test': { A: [[OTHER]] } },
      { hosts: `${ADDRESS} museum.test\n`, nsswitch: 'hosts: dns\n' },
    );
    expect(addressesOf(await names.resolve('museum.test'))).toEqual([OTHER]);
  });
});

(canHaveOwnInternet ? describe : describe.skip)('localhost', () => {
  it.each(['localhost', 'localhost.', 'a.localhost'])(
    '%s is this machine, whatever the name server answers',
    async (name) => {
      const names = await start({ localhost: { A: [[ADDRESS]] } });
      expect(addressesOf(await names.resolve(name))).toEqual(['::1', '127.0.0.1']);
      expect(await names.asked()).toEqual([]);
    },
  );
});

(canHaveOwnInternet ? describe : describe.skip)('the search list', () => {
  const CONF = 'nameserver 127.0.0.1\nsearch one.test two.test\noptions ndots:2\n';
  const aQueries = async (names: NameNetwork): Promise<readonly string[]> =>
    (await names.asked()).filter((query) => query.endsWith(' A'));

  it('comes first for a name with fewer dots than ndots', async () => {
    const names = await start({ 'www.museum.two.test': { A: [[ADDRESS]] } }, { resolvConf: CONF });
    expect(addressesOf(await names.resolve('www.museum'))).toEqual([ADDRESS]);
    expect(await aQueries(names)).toEqual(['www.museum.one.test A', 'www.museum.two.test A']);
  });

  it('comes last for a name with as many dots as ndots', async () => {
    const names = await start({}, { resolvConf: CONF });
    expect(await names.resolve('www.museum.example')).toMatchObject({ code: 'dns' });
    expect(await aQueries(names)).toEqual([
      'www.museum.example A',
      'www.museum.example.one.test A',
      'www.museum.example.two.test A',
    ]);
  });

  it('does not apply to a name that ends in a dot', async () => {
    const names = await start({}, { resolvConf: CONF });
    await names.resolve('museum.');
    expect(await aQueries(names)).toEqual(['museum A']);
  });
});

(canHaveOwnInternet ? describe : describe.skip)(
  'a system with services besides files and DNS',
  () => {
    const SERVICES = 'hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname\n';

    it('is queried once, in a helper process, for a name that DNS denies', async () => {
      // The name server denies the queries of the resolver and answers those of the system.
      const names = await start(
        { 'printer.test': { A: [null, [ADDRESS]], AAAA: [null] } },
        { nsswitch: SERVICES.replace('mdns4_minimal [NOTFOUND=return]', 'directory') },
      );
      const all = await names.resolveAll(['printer.test', 'printer.test', 'printer.test']);
      expect(all.map(addressesOf)).toEqual([[ADDRESS], [ADDRESS], [ADDRESS]]);
      expect(await names.children()).toBe(1);
      const asked = await names.asked('printer.test');
      expect(addressesOf(await names.resolve('printer.test'))).toEqual([ADDRESS]);
      expect(await names.asked('printer.test')).toEqual(asked);
    });

    it('may deny the name as well, which is cached', async () => {
      const names = await start({}, { nsswitch: SERVICES });
      expect(await names.resolve('nowhere.test')).toMatchObject({
        code: 'dns',
        message: 'the name does not exist (ENOTFOUND)',
      });
      const asked = await names.asked();
      await names.resolve('nowhere.test');
      expect(await names.asked()).toEqual(asked);
      expect(await names.children()).toBe(1);
    });

    it('is not queried for a name that DNS knows, nor if there are only files and DNS', async () => {
      const known = await start({ 'museum.test': { A: [[ADDRESS]] } }, { nsswitch: SERVICES });
      await known.resolve('museum.test');
      expect(await known.children()).toBe(0);
      await known.stop();
      const plain = await start(
        {},
        { nsswitch: 'hosts: files dns [!UNAVAIL=return] myhostname\n' },
      );
      await plain.resolve('nowhere.test');
      expect(await plain.children()).toBe(0);
    });
  },
);

(canHaveOwnInternet ? describe : describe.skip)('an address behind NAT64', () => {
  it.each([
    ['the well-known prefix', [], '64:ff9b::5db8:d822'],
    ['a /96', ['2a00:64::c000:aa', '2a00:64::c000:ab'], '2a00:64::5db8:d822'],
    ['a /64', ['2a00:64::c0:0:aa00:0'], '2a00:64::5d:b8d8:2200:0'],
    ['a /56', ['2a00:64:0:c0:0:aa::'], '2a00:64:0:5d:b8:d822::'],
    ['a /48', ['2a00:64:0:c000:0:aa00::'], '2a00:64:0:5db8:d8:2200::'],
    ['a /40', ['2a00:64:c0:0:aa::'], '2a00:64:5d:b8d8:22::'],
    ['a /32', ['2a00:64:c000:aa::'], '2a00:64:5db8:d822::'],
  ])('with %s is judged by the IPv4 address in it', async (_what, prefixes, address) => {
    const names = await start({
      'ipv4only.arpa': { AAAA: [prefixes] },
      'museum.test': { AAAA: [[address]] },
      'other.test': { AAAA: [['2606:2800::1']] },
    });
    expect(await names.resolve('museum.test')).toMatchObject({
      addresses: [{ judgedAs: ADDRESS }],
    });
    expect(await names.resolve('other.test')).toMatchObject({
      addresses: [{ judgedAs: '2606:2800::1' }],
    });
    expect(await names.asked('ipv4only.arpa')).toEqual(['ipv4only.arpa AAAA']);
  });

  it('costs one second once if the query for prefixes is not answered', async () => {
    const names = await start({
      'ipv4only.arpa': { AAAA: [{ isSilent: true }] },
      'museum.test': { AAAA: [['2606:2800::1']] },
      'plain.test': { A: [[ADDRESS]] },
    });
    await names.resolve('plain.test');
    expect(await names.asked('ipv4only.arpa')).toEqual([]);
    expect((await names.resolve('museum.test')).ms).toBeLessThan(5_000);
    expect((await names.resolve('museum.test')).ms).toBeLessThan(900);
  });
});
