/**
 * Recognises challenges: answers of a protection service that ask for a person or a browser instead
 * of an image. Only signs that no other answer has are taken, because many services also mark the
 * answers and pages that they let pass.
 */
import type { Exchange } from '../exchange';
import { titleOf } from './body-text';

type Head = Pick<Exchange, 'headers'>;

/** The most characters of a header that a detail shows. */
const MAX_VALUE_CHARACTERS = 60;

/**
 * Headers that only a challenge has. `x-datadome` is none of them: DataDome sends it with every
 * answer. `x-vercel-mitigated: deny` is a rule of the site, which another request does not change.
 *
 * @see Cloudflare, "Detect a challenge page response"; AWS WAF Developer Guide, "CAPTCHA and
 *   Challenge action behavior" (status 202 or 405); Vercel, "Attack Challenge Mode"; the Sucuri
 *   firewall's block page; microlinkhq/is-antibot, src/providers.json, for Vercel and DataDome.
 */
const CHALLENGE_HEADERS: readonly (readonly [header: string, value: RegExp])[] = [
  ['cf-mitigated', /./],
  ['x-amzn-waf-action', /^(challenge|captcha)$/i],
  ['x-vercel-mitigated', /^challenge$/i],
  ['x-sucuri-block', /./],
  ['x-dd-b', /./],
];

/**
 * What only the page of a challenge contains. The scripts `challenge-platform` (Cloudflare),
 * `_Incapsula_Resource?SWJIYLWA` (Imperva), `_pxAppId` (HUMAN), `/TSPD/` (F5) and `challenge.js`
 * (AWS WAF) are also in the pages that these services let pass, such as a page for status 404.
 *
 * @see TecharoHQ/anubis, web/index.templ; microlinkhq/is-antibot, src/providers.json and the page
 *   in providers/anubis; Imperva's knowledge base, "Incapsula incident ID"; HUMAN's documentation
 *   of the page "Access to this page has been denied"; DataDome's documentation of its responses
 *   for pages and for JSON; Akamai's crypto challenge, status 428, and its page with `bm-verify`.
 */
const CHALLENGE_PAGES: readonly (readonly [service: string, page: RegExp])[] = [
  ['Cloudflare', /_cf_chl_opt|__cf_chl_/],
  ['Anubis', /id="anubis_challenge"|\/\.within\.website\/x\/cmd\/anubis\//],
  ['AWS WAF', /window\.gokuProps\b/],
  ['DataDome', /\bcaptcha-delivery\.com\//],
  ['HUMAN (PerimeterX)', /\bid=["']px-captcha|"blockScript"\s*:/],
  ['Imperva', /\/_Incapsula_Resource\?[SC]WUDNSAI=|Incapsula incident ID/],
  ['Sucuri', /\bsucuri_cloudproxy_js\b/],
  ['Akamai', /"sec-cp-challenge"|[?&]bm-verify=/],
  ['DDoS-Guard', /\/\.well-known\/ddos-guard\/js-challenge\//],
  ['SiteGround', /\/\.well-known\/sgcaptcha\//],
  ['F5', /enable JavaScript to view the page content\.[^]{0,20}Your support ID is/],
  ['Kasada', /\bwindow\.KPSDK\b/],
  ['Alibaba Cloud', /\bacw_sc__v\d\b|\bx5secdata\b/],
  ['Fastly', /["']\/_fs-ch-/],
  ['Imunify360', /\bwsidchk\b/],
  ['Qrator', /["']\/__qrator\//],
  ['Radware', /\bvalidate\.perfdrive\.com\//],
  ['LiteSpeed', /\/\.lsrecap\/recaptcha/],
  ['SafeLine', /["']\/\.safeline\//],
  ['Google', /may be sending automated queries|detected unusual traffic from your computer/],
  ['go-away', /\/\.well-known\/[\w./-]*\/go-away\//],
];

/** The titles of challenges whose pages may be otherwise different. */
const CHALLENGE_TITLES: ReadonlyMap<string, string> = new Map([
  ["Making sure you're not a bot!", 'Anubis'],
  ['Vercel Security Checkpoint', 'Vercel'],
  ['Pardon Our Interruption', 'Imperva'],
  ['Pardon Our Interruption...', 'Imperva'],
  ['Access to this page has been denied', 'HUMAN (PerimeterX)'],
  ['Access to this page has been denied.', 'HUMAN (PerimeterX)'],
]);

/** The header that shows a challenge, for example `cf-mitigated: challenge`; else null. */
export function challengeOfHead({ headers }: Head): string | null {
  const found = CHALLENGE_HEADERS.find(([name, value]) => value.test(firstOf(headers[name])));
  if (found === undefined) return null;
  const [name] = found;
  return `${name}: ${firstOf(headers[name]).slice(0, MAX_VALUE_CHARACTERS)}`;
}

/** The protection service whose challenge a page, or the beginning of a page, is; else null. */
export function challengeOfPage(page: string): string | null {
  const service = CHALLENGE_PAGES.find(([, pattern]) => pattern.test(page))?.[0];
  return service ?? CHALLENGE_TITLES.get(titleOf(page) ?? '') ?? null;
}

/** Headers that show a challenge, or the service that answers, in the detail of an image. */
const NAMED_HEADERS = [
  ...CHALLENGE_HEADERS.map(([name]) => name),
  'www-authenticate',
  'proxy-authenticate',
];

/** Names of protection services. */
const PROTECTING_SERVER = /cloudflare|akamaighost|datadome|sucuri|imperva|ddos-guard|qrator/i;

/** Words that a page for a person has, and statuses with which such a page is sent. */
const PAGE_FOR_PEOPLE = /captcha|are you (a )?(human|robot)/i;
const STATUSES_OF_CHALLENGES: ReadonlySet<number> = new Set([401, 403, 405, 428, 429, 503]);

/**
 * Describes what an answer reveals about a challenge or the credentials that it asks for, for
 * example `cf-mitigated: challenge, server: cloudflare`; null without any sign.
 */
export function describeChallenge(
  { headers, statusCode }: Pick<Exchange, 'headers' | 'statusCode'>,
  page: string,
): string | null {
  const named = NAMED_HEADERS.flatMap((name) => {
    const value = firstOf(headers[name]);
    // A comma replaces the space, because the text after a scheme is taken for credentials
    // elsewhere.
    const text = value.replace(/^(\S+) +/, '$1, ').slice(0, MAX_VALUE_CHARACTERS);
    return text === '' ? [] : [`${name}: ${text}`];
  });
  const service = challengeOfPage(page);
  const isForPeople = STATUSES_OF_CHALLENGES.has(statusCode) && PAGE_FOR_PEOPLE.test(page);
  const server = firstOf(headers.server);
  const parts = [
    ...named,
    ...(service !== null ? [describePage(service)] : []),
    ...(service === null && isForPeople ? ['a challenge page'] : []),
    ...(PROTECTING_SERVER.test(server) ? [`server: ${server.slice(0, MAX_VALUE_CHARACTERS)}`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** The words with which a detail names the challenge of a service. */
export function describePage(service: string): string {
  return `a challenge page of ${service}`;
}

/** The value of a header, or the first of several; empty without one. */
function firstOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
