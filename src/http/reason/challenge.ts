/**
 * Describes what an answer reveals about a challenge: a test for people, or the credentials that it
 * asks for.
 */
import { CHALLENGE_HEADERS, headerOf } from '../answer';
import type { Exchange } from '../exchange';

const CREDENTIALS_HEADERS = ['www-authenticate', 'proxy-authenticate'];

/** Names of protection services. */
const PROTECTING_SERVER = /cloudflare|akamaighost|datadome|sucuri|imperva|ddos-guard|qrator/i;

/** Words by which a challenge page is recognised. */
const CHALLENGE_PAGE =
  /captcha|challenge-platform|cf[-_]chl|_incapsula_resource|awswaf|datadome|are you (a )?(human|robot)/i;

const MAX_VALUE_CHARACTERS = 60;

/** Returns for example `cf-mitigated: challenge, server: cloudflare`; null without any sign. */
export function describeChallenge(
  response: Pick<Exchange, 'headers' | 'statusCode'>,
  page: string,
): string | null {
  const named = [...CHALLENGE_HEADERS, ...CREDENTIALS_HEADERS].flatMap((name) => {
    const value = headerOf(response, name);
    // A comma replaces the space, because the text after a scheme is taken for credentials
    // elsewhere.
    const text = value?.replace(/^(\S+) +/, '$1, ').slice(0, MAX_VALUE_CHARACTERS);
    return text === undefined ? [] : [`${name}: ${text}`];
  });
  const server = headerOf(response, 'server');
  const isProtected = server !== null && PROTECTING_SERVER.test(server);
  const isPage = CHALLENGE_PAGE.test(page);
  const parts = [
    ...named,
    ...(isPage ? ['a challenge page'] : []),
    ...(isProtected ? [`server: ${server.slice(0, MAX_VALUE_CHARACTERS)}`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}
