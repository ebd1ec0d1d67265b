/** Which proxy a URL is requested through, from the variables that other programs read too. */
import { loadConfig, secretsIn, settingsInForce } from '../../../src/config';
import { createProxyChoice } from '../../../src/http/proxy/choose-proxy';

/** The proxy's host for a URL; null for none. */
function proxyHost(variables: Readonly<Record<string, string>>, url: string): string | null {
  const { proxy } = loadConfig({ ARTEMIS_PROXY: 'environment', ...variables }).download;
  return createProxyChoice(proxy)(new URL(url))?.url.host ?? null;
}

it.each([
  [{ HTTP_PROXY: 'http://a:3128' }, 'http://x.test/', 'a:3128'],
  [{ HTTP_PROXY: 'http://a:3128' }, 'https://x.test/', null],
  [{ HTTPS_PROXY: 'http://a:3128' }, 'https://x.test/', 'a:3128'],
  [{ HTTP_PROXY: 'http://a:1', http_proxy: 'b:2' }, 'http://x.test/', 'b:2'],
  [{ http_proxy: '[2001:db8::1]:3128' }, 'http://x.test/', '[2001:db8::1]:3128'],
])('with %j, the proxy of %s is %s', (variables, url, host) => {
  expect(proxyHost(variables, url)).toBe(host);
});

it.each([
  ['*', 'http://x.test/', null],
  ['x.test', 'http://x.test/', null],
  ['x.test', 'http://a.x.test/', null],
  ['.x.test', 'http://a.x.test/', null],
  ['*.x.test', 'http://a.x.test/', null],
  ['X.TEST', 'http://x.test./', null],
  ['x.test.', 'http://a.x.test/', null],
  ['x.test', 'http://notx.test/', 'p:1'],
  ['x.test:8080', 'http://x.test/', 'p:1'],
  ['x.test:8080', 'http://x.test:8080/', null],
  ['other.test, x.test', 'http://x.test/', null],
  ['10.0.0.0/8', 'http://10.1.2.3/', null],
  ['10.0.0.0/8', 'http://11.1.2.3/', 'p:1'],
  ['10.0.0.1', 'http://10.0.0.1/', null],
  ['2001:db8::/32', 'http://[2001:db8::1]/', null],
  ['[2001:db8::1]', 'http://[2001:db8::1]/', null],
  ['', 'http://x.test/', 'p:1'],
])('with no_proxy=%s, the proxy of %s is %s', (no_proxy, url, host) => {
  expect(proxyHost({ http_proxy: 'http://p:1', no_proxy }, url)).toBe(host);
});

it('an empty no_proxy leaves NO_PROXY in force', () => {
  const variables = { http_proxy: 'http://p:1', no_proxy: '', NO_PROXY: 'x.test' };
  expect(proxyHost(variables, 'http://x.test/')).toBeNull();
});

it('a URL in ARTEMIS_PROXY is used for all hosts, regardless of no_proxy', () => {
  const { proxy } = loadConfig({ ARTEMIS_PROXY: 'https://p.test', no_proxy: '*' }).download;
  for (const url of ['http://x.test/', 'https://x.test/'])
    expect(createProxyChoice(proxy)(new URL(url))?.url.host).toBe('p.test');
});

it('without ARTEMIS_PROXY no variable has an effect', () => {
  expect(loadConfig({ http_proxy: 'http://p:1' }).download.proxy).toBeNull();
});

describe('the password of a proxy', () => {
  const password = 'never-shown';
  it.each([
    { ARTEMIS_PROXY: `someone:${password}@p:3128` },
    { ARTEMIS_PROXY: `socks5://someone:${password}@p:3128` },
    { ARTEMIS_PROXY: 'environment', http_proxy: `socks5://someone:${password}@p:3128` },
  ])('is not in the error of %j', (variables) => {
    const load = (): unknown => loadConfig(variables);
    expect(load).toThrow(/proxy/i);
    expect(load).not.toThrow(password);
  });

  it('is not in the list of settings, and is removed from all output in each of its forms', () => {
    const env = { ARTEMIS_PROXY: `http://someone:${password}%21@p:3128` };
    expect(JSON.stringify(settingsInForce(env))).not.toContain(password);
    const basic = Buffer.from(`someone:${password}!`).toString('base64');
    expect(secretsIn(env)).toEqual([`${password}%21`, `${password}!`, basic]);
  });
});
