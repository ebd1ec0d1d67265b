/** The token that a server beyond loopback asks for. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { HttpProblem } from '../http-problem';

/** Parameter of the address that `serve` prints. */
const PARAMETER = 'token';
const COOKIE = 'artemis_serve';

/**
 * The first request has the token in its address. The answer moves it into a cookie and redirects
 * to the address without it, so that it is in no link that is copied from the browser.
 *
 * @returns a function that returns the redirect, or undefined when the request may pass, and that
 *   throws HttpProblem 401.
 */
export function createTokenCheck(token: string): (context: Context) => Response | undefined {
  const wanted = digestOf(token);
  const isRight = (given: string | undefined): boolean =>
    given !== undefined && timingSafeEqual(digestOf(given), wanted);
  return (context) => {
    const given = context.req.query(PARAMETER);
    if (isRight(given)) {
      setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Lax', path: '/' });
      const { pathname, searchParams } = new URL(context.req.url);
      searchParams.delete(PARAMETER);
      const rest = searchParams.toString();
      return context.redirect(`${withOneSlash(pathname)}${rest === '' ? '' : `?${rest}`}`, 303);
    }
    if (isRight(getCookie(context, COOKIE))) return undefined;
    throw new HttpProblem(
      401,
      'This server asks for its token. Open it by the address that the command "serve" printed.',
    );
  };
}

/** An address that begins with two slashes would lead to another host. */
function withOneSlash(pathname: string): string {
  return pathname.replace(/^[/\\]+/, '/');
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
