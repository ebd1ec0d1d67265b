/** What every request passes before it is answered, and the headers of every answer. */
import type { Context, MiddlewareHandler } from 'hono';
import { HttpProblem } from '../http-problem';
import { MOST_SQL_ADDRESS } from '../sql/sql-link';
import { isAllowedHost } from './allowed-host';
import { createTokenCheck } from './token-check';

export interface GuardOptions {
  /** The address at which the server listens. */
  readonly host: string;
  /** What a browser must know; null where none is asked for. */
  readonly token: string | null;
}

/** Pages load their own script, style sheet, pictures and answers, and nothing else. */
const PAGE_POLICY =
  "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};

/** The longest address of a request that has no query in SQL, in characters. */
const MOST_ADDRESS = 4_000;

/** Sets the headers of every answer, those to refused requests included. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', PAGE_POLICY);
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
};

/**
 * Refuses requests that write, that name another host (DNS rebinding), that another site makes, and
 * those without the token.
 *
 * @returns a handler that throws HttpProblem.
 */
export function createGuard({ host, token }: GuardOptions): MiddlewareHandler {
  const checkToken = token === null ? null : createTokenCheck(token);
  return async (context, next) => {
    const { req } = context;
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      context.header('Allow', 'GET, HEAD');
      throw new HttpProblem(405, 'This server only reads: GET and HEAD are answered.');
    }
    const most = /^\/(api\/)?sql\b/.test(req.path) ? MOST_SQL_ADDRESS : MOST_ADDRESS;
    if (req.url.length > most)
      throw new HttpProblem(414, `The address has more than ${most} characters.`);
    if (!isAllowedHost(req.header('host') ?? '', host))
      throw new HttpProblem(
        403,
        'The header Host names a host that this server does not have. Open it by the address that the command "serve" printed.',
      );
    if (isFromElsewhere(req.header('sec-fetch-site'), req.header('sec-fetch-mode')))
      throw new HttpProblem(403, 'Another site may not read what this server has.');
    const redirect = checkToken?.(context);
    if (redirect !== undefined) return redirect;
    await next();
    return undefined;
  };
}

/** Whether a link on another site, or that site itself, leads to the request. */
export function isOfOtherSite({ req }: Context): boolean {
  return isOtherSite(req.header('sec-fetch-site'));
}

function isOtherSite(site: string | undefined): boolean {
  return site === 'cross-site' || site === 'same-site';
}

/** A link on another site may be followed, but nothing may be embedded or read there. */
function isFromElsewhere(site: string | undefined, mode: string | undefined): boolean {
  return isOtherSite(site) && mode !== 'navigate';
}
