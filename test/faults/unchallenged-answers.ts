/** Answers that have the marks of a protection service without being a challenge. */

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** What a service answers. */
export interface Sent {
  readonly status: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Marks that a service puts into answers that it lets pass, or that only say that it refuses. */
export const unchallenged: readonly (readonly [
  what: string,
  sent: Sent,
  detail: string | RegExp,
])[] = [
  [
    'a page that Cloudflare let pass',
    {
      status: '404 Not Found',
      headers: { ...HTML, server: 'cloudflare' },
      body: "<title>No such work</title><script>window.__CF$cv$params={r:'1'};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>",
    },
    /^status 404: No such work \(server: cloudflare\)$/,
  ],
  [
    'a page that Imperva let pass',
    {
      status: '404 Not Found',
      headers: HTML,
      body: '<title>No such work</title><script src="/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3"></script>',
    },
    /^status 404: No such work$/,
  ],
  [
    'a page that F5 let pass',
    {
      status: '404 Not Found',
      headers: HTML,
      body: '<title>No such work</title><script src="/TSPD/08a?type=17"></script>',
    },
    /^status 404: No such work$/,
  ],
  [
    'a page that HUMAN let pass',
    {
      status: '410 Gone',
      headers: HTML,
      body: "<title>Withdrawn work</title><script>window._pxAppId = 'PXa1';</script>",
    },
    /^status 410: Withdrawn work$/,
  ],
  [
    'an answer that DataDome let pass',
    { status: '404 Not Found', headers: { 'x-datadome': 'protected' } },
    /^status 404$/,
  ],
  [
    'a page for status 404 with a captcha in its form',
    {
      status: '404 Not Found',
      headers: HTML,
      body: '<title>No such work</title><script src="https://www.google.com/recaptcha/api.js"></script>',
    },
    /^status 404: No such work$/,
  ],
  [
    'a rule of a site at Vercel',
    { status: '403 Forbidden', headers: { 'x-vercel-mitigated': 'deny' } },
    /^status 403 \(x-vercel-mitigated: deny\)$/,
  ],
  [
    'an object store behind DataDome',
    {
      status: '403 Forbidden',
      headers: { 'content-type': 'application/xml', 'x-datadome': 'protected' },
      body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    },
    /^status 403: Access Denied$/,
  ],
  [
    'Akamai’s refusal',
    {
      status: '403 Forbidden',
      headers: { ...HTML, server: 'AkamaiGHost' },
      body: '<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\nYou don\'t have permission to access "http&#58;&#47;&#47;m&#46;test&#47;a" on this server.<P>\nReference&#32;&#35;18&#46;2d\n<P>\nhttps&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18&#46;2d\n</BODY></HTML>',
    },
    /^status 403: Access Denied: You don't have permission .* Reference #18\.2d .*\(server: AkamaiGHost\)$/,
  ],
  [
    'a page about a bot',
    { status: '200 OK', headers: HTML, body: '<html><title>A bot, and how it was made</title>' },
    /^a page, "A bot, and how it was made": begins with "<html>.*"$/,
  ],
];
