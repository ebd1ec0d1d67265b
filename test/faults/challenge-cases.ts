/**
 * Sections N25, N26 and N29: challenges of protection services, which a later run asks for again,
 * and answers that have the marks of such a service without being a challenge.
 */
import { reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, type FaultCase } from './fault-case';
import { unchallenged, type Sent } from './unchallenged-answers';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

const isPage = (status: number): boolean => status === 200;
const codeOf = (status: number): Parameters<typeof fails>[0] => {
  if (isPage(status)) return 'not_an_image';
  return status < 400 ? 'unexpected_status' : `http_${status}`;
};

/** One request in each run: asked again within the run, it would be the same challenge. */
function answered(
  what: string,
  { status, headers = {}, body = '' }: Sent,
  expected: { readonly retryable: boolean; readonly detail: string | RegExp },
): FaultCase {
  const number = Number(status.slice(0, 3));
  return {
    row: isPage(number) ? 'N29' : 'N25',
    what,
    serve: () => reply(status, headers, Buffer.from(body)),
    expected: fails(codeOf(number), expected),
  };
}

const challenged = (what: string, sent: Sent, detail: string | RegExp): FaultCase =>
  answered(`challenged by ${what}`, sent, { retryable: true, detail });

const ANUBIS =
  '<!doctype html><html lang="en"><head><title>Making sure you&#39;re not a bot!</title><link rel="stylesheet" href="/.within.website/x/xess/xess.min.css"><script id="anubis_challenge" type="application/json">{"rules":{"algorithm":"fast"}}</script>';
const IMPERVA =
  '<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body><iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=7&incident_id=1-2&edet=12">Request unsuccessful. Incapsula incident ID: 1-2</iframe>';
const CLOUDFLARE =
  "<!DOCTYPE html><title>Just a moment...</title><script>window._cf_chl_opt = {cvId: '3'};</script>";
const SUCURI =
  "<html><title>You are being redirected...</title><noscript>Javascript is required.</noscript><script>var s={},sucuri_cloudproxy_js='',S='a';</script>";
const DATADOME =
  "<html><head><title>museum.test</title></head><body><script>var dd={'rt':'c','cid':'A','host':'geo.captcha-delivery.com'}</script><script src=\"https://ct.captcha-delivery.com/c.js\"></script>";

const byHeader: readonly FaultCase[] = [
  challenged(
    'Cloudflare, without a body',
    { status: '403 Forbidden', headers: { 'cf-mitigated': 'challenge' } },
    /^status 403 \(cf-mitigated: challenge\)$/,
  ),
  challenged(
    'AWS WAF, with a puzzle',
    { status: '405 Method Not Allowed', headers: { ...HTML, 'x-amzn-waf-action': 'captcha' } },
    'x-amzn-waf-action: captcha',
  ),
  challenged(
    'AWS WAF, with status 200',
    {
      status: '200 OK',
      headers: { ...HTML, 'x-amzn-waf-action': 'challenge' },
      body: '<html><p>Wait',
    },
    /\(x-amzn-waf-action: challenge\)$/,
  ),
  challenged(
    'Vercel',
    {
      status: '403 Forbidden',
      headers: { ...HTML, 'x-vercel-mitigated': 'challenge' },
      body: '<title>Vercel Security Checkpoint</title>',
    },
    'x-vercel-mitigated: challenge',
  ),
  challenged(
    'DataDome, by its header',
    { status: '403 Forbidden', headers: { 'x-datadome': 'protected', 'x-dd-b': '1' } },
    'x-dd-b: 1',
  ),
  challenged(
    'Sucuri',
    {
      status: '403 Forbidden',
      headers: { ...HTML, server: 'Sucuri/Cloudproxy', 'x-sucuri-block': 'EXPVP16' },
      body: '<title>Sucuri WebSite Firewall - Access Denied</title>',
    },
    /^status 403: Sucuri WebSite Firewall - Access Denied \(x-sucuri-block: EXPVP16/,
  ),
];

const PAGES: readonly (readonly [what: string, sent: Omit<Sent, 'status'>, service: string])[] = [
  ['Cloudflare', { headers: HTML, body: CLOUDFLARE }, 'Cloudflare'],
  ['Anubis', { headers: HTML, body: ANUBIS }, 'Anubis'],
  [
    'Anubis, by its title',
    {
      headers: HTML,
      body: "\n<!doctype html><html><title>Making sure you're not a bot!</title><p>Loading",
    },
    'Anubis',
  ],
  [
    'AWS WAF',
    { headers: HTML, body: '<!DOCTYPE html><script>window.gokuProps = {"key":"A"};</script>' },
    'AWS WAF',
  ],
  ['DataDome', { headers: HTML, body: DATADOME }, 'DataDome'],
  [
    'DataDome, in JSON',
    {
      headers: { ...JSON_TYPE, 'x-datadome': 'protected' },
      body: '{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=A"}',
    },
    'DataDome',
  ],
  [
    'HUMAN',
    {
      headers: HTML,
      body: '<html><title>Access to this page has been denied.</title><div id="px-captcha"></div>',
    },
    'HUMAN (PerimeterX)',
  ],
  [
    'HUMAN, in JSON',
    {
      headers: JSON_TYPE,
      body: '{"appId":"PXa1","jsClientSrc":"/a1/init.js","blockScript":"/a1/captcha/captcha.js"}',
    },
    'HUMAN (PerimeterX)',
  ],
  ['Imperva', { headers: HTML, body: IMPERVA }, 'Imperva'],
  ['Sucuri', { headers: HTML, body: SUCURI }, 'Sucuri'],
  [
    'Akamai, in JSON',
    { headers: JSON_TYPE, body: '{"sec-cp-challenge": "true","provider":"crypto"}' },
    'Akamai',
  ],
  [
    'Akamai',
    {
      headers: HTML,
      body: '<html><head><meta http-equiv="refresh" content="5; URL=\'/a.jpg?bm-verify=AAQA\'"/>',
    },
    'Akamai',
  ],
  [
    'Vercel, by its title',
    { headers: HTML, body: '<!DOCTYPE html><html><title>Vercel Security Checkpoint</title>' },
    'Vercel',
  ],
  [
    'DDoS-Guard',
    {
      headers: { ...HTML, server: 'ddos-guard' },
      body: '<!DOCTYPE html><html><title>DDoS-Guard</title><script src="/.well-known/ddos-guard/js-challenge/index.js"></script>',
    },
    'DDoS-Guard',
  ],
  [
    'F5',
    {
      headers: HTML,
      body: '<html><head><title></title><noscript>Please enable JavaScript to view the page content.<br/>Your support ID is: 12.</noscript><script src="/TSPD/08a?type=10"></script>',
    },
    'F5',
  ],
  ['Kasada', { headers: HTML, body: '<!DOCTYPE html><script>window.KPSDK={};</script>' }, 'Kasada'],
  [
    'Alibaba Cloud',
    { headers: HTML, body: "<html><script>var arg1='7A6B';setCookie('acw_sc__v2',x);</script>" },
    'Alibaba Cloud',
  ],
  [
    'Alibaba Cloud, a puzzle',
    { headers: HTML, body: '<title>Captcha</title><script>a="/punish?x5secdata=a"</script>' },
    'Alibaba Cloud',
  ],
  [
    'Fastly',
    { headers: HTML, body: '<title>Client Challenge</title><script src="/_fs-ch-1T/script.js">' },
    'Fastly',
  ],
  [
    'Imunify360',
    { headers: HTML, body: '<title>One moment, please...</title><form id="wsidchk-form">' },
    'Imunify360',
  ],
  ['Qrator', { headers: HTML, body: '<html><script src="/__qrator/qauth.js">' }, 'Qrator'],
  [
    'Radware',
    { headers: HTML, body: '<html><form action="https://validate.perfdrive.com/a/">' },
    'Radware',
  ],
  [
    'LiteSpeed',
    { headers: HTML, body: '<title>Bot Verification</title><form action="/.lsrecap/recaptcha?">' },
    'LiteSpeed',
  ],
  ['SafeLine', { headers: HTML, body: '<html><script src="/.safeline/a.js">' }, 'SafeLine'],
  [
    'go-away',
    { headers: HTML, body: '<html><link href="/.well-known/.git.example/git/go-away/cmd/a.css">' },
    'go-away',
  ],
  [
    'Imperva, by its title',
    { headers: HTML, body: '<html><title>Pardon Our Interruption</title>' },
    'Imperva',
  ],
  [
    'HUMAN, by its title',
    { headers: HTML, body: '<html><title>Access to this page has been denied</title>' },
    'HUMAN (PerimeterX)',
  ],
  [
    'SiteGround',
    {
      headers: HTML,
      body: '<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2Fa"></head>',
    },
    'SiteGround',
  ],
];

const STATUSES = ['200 OK', '403 Forbidden'];

const byPage = PAGES.flatMap(([what, sent, service]) =>
  STATUSES.map((status) =>
    challenged(
      `${what}, a page with status ${status.slice(0, 3)}`,
      { ...sent, status },
      `a challenge page of ${service}`,
    ),
  ),
);

export const challengeCases: readonly FaultCase[] = [
  ...byHeader,
  ...byPage,
  ...unchallenged.map(([what, sent, detail]) =>
    answered(`no challenge: ${what}`, sent, { retryable: false, detail }),
  ),
  {
    row: 'N26',
    what: '202 with the challenge of AWS',
    serve: () => reply('202 Accepted', { ...HTML, 'x-amzn-waf-action': 'challenge' }),
    expected: failsForNow('unexpected_status', { detail: 'x-amzn-waf-action: challenge' }),
  },
];
