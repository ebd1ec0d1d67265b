/** Cookies of one chain of redirects. */
import { createRedirectCookies, type RedirectCookies } from '../../src/http/redirect-cookies';

function cookiesFrom(from: string, ...headers: string[]): RedirectCookies {
  const cookies = createRedirectCookies();
  cookies.keep(new URL(from), { headers: { 'set-cookie': headers } });
  return cookies;
}

const sentTo = (cookies: RedirectCookies, url: string): string | null =>
  cookies.headerFor(new URL(url));

it.each(['http://b.test/', 'http://www.a.test/', 'http://test/', 'http://a.test:8080/'])(
  'cookies of a redirect are not sent from a.test to %s, whatever their Domain says',
  (url) => {
    const cookies = cookiesFrom('http://a.test/', 'a=1; Domain=.test', 'b=2; Domain=b.test', 'c=3');
    expect(sentTo(cookies, url)).toBeNull();
    expect(sentTo(cookies, 'http://a.test/x')).toBe('a=1; b=2; c=3');
  },
);

it('do not go from https to http of the same host', () => {
  const cookies = cookiesFrom('https://a.test/', 'a=1');
  expect(sentTo(cookies, 'http://a.test/')).toBeNull();
  expect(sentTo(cookies, 'https://a.test/')).toBe('a=1');
});

it('cookies of a redirect are sent to their path and what is below it', () => {
  const cookies = cookiesFrom('http://a.test/x/y', 'a=1', 'b=2; Path=/z', 'c=3; Path=nonsense');
  expect(sentTo(cookies, 'http://a.test/x/q/r')).toBe('a=1; c=3');
  expect(sentTo(cookies, 'http://a.test/xx')).toBeNull();
  expect(sentTo(cookies, 'http://a.test/z/1')).toBe('b=2');
});

it('cookies of a redirect are replaced and deleted by later ones', () => {
  const cookies = cookiesFrom('http://a.test/', 'a=1', 'b=2', 'c=3');
  const later = ['a=5', 'b=; Max-Age=0', 'c=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'];
  cookies.keep(new URL('http://a.test/'), { headers: { 'set-cookie': later } });
  expect(sentTo(cookies, 'http://a.test/')).toBe('a=5');
});

it.each([
  ['Thu, 01 Jan 1970 00:00:00 GMT', true],
  ['Thu, 01-Jan-1970 00:00:10 GMT', true],
  ['Thursday, 01-Jan-98 00:00:10 GMT', true],
  ['Wed, 21-Oct-2065 07:28:00 GMT', false],
  ['Sat Jan  1 00:00:00 2000', true],
  ['0', false],
  ['-1', false],
  ['Session', false],
  ['1999', false],
  ['', false],
])('with Expires=%s, the cookie is deleted: %s', (expires, isDeleted) => {
  const cookies = cookiesFrom('http://a.test/', `a=1; Expires=${expires}`);
  expect(sentTo(cookies, 'http://a.test/')).toBe(isDeleted ? null : 'a=1');
});

it.each(['a=1\r\nx-evil: 1', 'a=\u0001', 'a=é', '=1', 'noequals', ''])(
  'ignores %j, which cannot be sent',
  (header) => {
    expect(sentTo(cookiesFrom('http://a.test/', header), 'http://a.test/')).toBeNull();
  },
);
