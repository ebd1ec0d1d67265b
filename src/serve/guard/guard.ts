/** What every request passes before it is answered, and the headers of every answer. */
import type { MiddlewareHandler } from 'hono';
import { HttpProblem } from '../http-problem';
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

/** The longest address of a request, in characters. */
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
    if (req.url.length > MOST_ADDRESS)
      throw new HttpProblem(414, `The address has more than ${MOST_ADDRESS} characters.`);
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

/** A link on another site may be followed, but nothing may be embedded or read there. */
function isFromElsewhere(site: string | undefined, mode: string | undefined): boolean {
  const isOther = site === 'cross-site' || site === 'same-site';
  return isOther && mode !== 'navigate';
}
