/** Fetches one URL into a temporary file, following redirects hop by hop. */
import { hostKey } from '../contract/plan-entry';
import type { AddressGuard } from './addresses/address-guard';
import { headerOf, readAnswer, type Answer, type Condition } from './answer';
import { startDeadline } from './deadline';
import type { Exchange, RequestOptions } from './exchange';
import { FetchFailure, asFetchFailure, isHangUp } from './failures/fetch-failure';
import { headersFor, type HostHeaders } from './host-headers';
import type { OriginPools } from './pools/origin-pools';
import type { Proxy } from './proxy/choose-proxy';
import {
  authenticationFailure,
  PROXY_AUTHENTICATION,
  withProxyInDoubt,
} from './proxy/proxy-failure';
import { answerReason } from './reason/answer-reason';
import { challengeOfPage } from './reason/challenge';
import { decodeText } from './reason/decode-text';
import { discardBody } from './discard-body';
import type { HostAccess, RequestOutcome } from './host-access';
import { createRedirectCookies, type RedirectCookies } from './redirect-cookies';
import { redirectTarget, waitBeforeRedirect } from './redirect';
import { checkRobotsTag } from './robots-tag';
import { statusFailure } from './failures/status-failure';
import { saveBody, type BodySink, type SavedBody } from './save-body';

/** The state and settings that all requests of a batch share. */
export interface HttpClient {
  readonly guard: AddressGuard;
  readonly pools: OriginPools;
  readonly headers: HostHeaders;
  readonly userAgent: string;
  /** Whether an X-Robots-Tag that forbids the use of an image is obeyed. */
  readonly honorsRobotsTag: boolean;
  readonly bytesPerFile: number;
  readonly secondsPerFile: number;
  readonly maxRetryAfterSeconds: number;
  /** Counts all requests. Mutable. */
  readonly sent: { requests: number };
  /** Grants the permits to send requests. */
  readonly hosts: HostAccess;
}

export interface FetchRequest {
  readonly url: URL;
  readonly condition: Condition | null;
  readonly createSink: () => BodySink;
  /** undici's parser refused the head of an earlier answer, so this one is read leniently. */
  readonly isLenient: boolean;
  readonly signal: AbortSignal;
}

/** The result of a fetch: a body in the sink, or null for "not modified". */
export interface Fetched {
  readonly answer: Answer;
  readonly body: SavedBody | null;
}

/** Counts the requests and keeps the last response, also for the outcome of a failure. */
export interface FetchTrace {
  requests: number;
  answer: Answer | null;
}

/**
 * The most redirects of one fetch. A further one fails with `too_many_redirects`
 * (docs/reference/codes.md).
 */
const MAX_REDIRECTS = 5;

/** The statuses of answers whose body is the image. */
const FILE_STATUSES: ReadonlySet<number> = new Set([200, 201, 203]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches `request.url` into a sink. A request on a reused connection that the host closes before
 * responding is sent again at once over a new one, without counting as a try of the image: this
 * race is part of the protocol.
 *
 * @throws {@link FetchFailure}; StepError `disk_…` from the sink; the signal's reason.
 * @see RFC 9112, sections 9.3.1 and 9.5.
 */
export async function fetchToFile(
  client: HttpClient,
  request: FetchRequest,
  trace: FetchTrace,
): Promise<Fetched> {
  let url = request.url;
  let mayRepeat = true;
  const cookies = createRedirectCookies();
  const visited: URL[] = [];
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    client.guard.check(url);
    visited.push(url);
    const next = await fetchHop(
      client,
      { ...request, url, initialUrl: request.url, visited, cookies, mayRepeat },
      trace,
    );
    if (next === 'again') {
      mayRepeat = false;
      hop -= 1;
      // A host that stops ends several connections at the same time.
      client.pools.closeHost(hostKey(url));
    } else if (next instanceof URL) {
      await waitBeforeRedirect(trace.answer, request.signal);
      url = next;
    } else return next;
  }
  throw new FetchFailure('too_many_redirects', `more than ${MAX_REDIRECTS} redirects`);
}

/** One request of the chain of redirects. */
interface Hop extends FetchRequest {
  /** The URL at which the redirects began. */
  readonly initialUrl: URL;
  /** The URLs of all hops, with that of this hop at the end. */
  readonly visited: readonly URL[];
  readonly cookies: RedirectCookies;
  /** True when the request may be sent again if its reused connection had ended. */
  readonly mayRepeat: boolean;
}

/**
 * @returns the result; the target of a redirect; or `again` if a reused connection had ended before
 * the request arrived.
 */
async function fetchHop(
  client: HttpClient,
  request: Hop,
  trace: FetchTrace,
): Promise<Fetched | URL | 'again'> {
  const permit = await client.hosts.acquire(request.url, request.signal);
  const deadline = startDeadline({ seconds: client.secondsPerFile, signal: request.signal });
  const hop: HopState = { phase: 'head', isReused: false, answer: null };
  const pool = client.pools.use(request.url, request.isLenient);
  const onSent = (isFirst: boolean): void => {
    // Called when the request is written to its socket. The deadline may have expired before.
    if (deadline.reason() !== null) return;
    trace.requests += 1;
    client.sent.requests += 1;
    hop.isReused = !isFirst;
    permit.sent();
  };
  let outcome: RequestOutcome = { answer: null, failure: null };
  try {
    const options = {
      ...requestOptions(client, request, pool.proxy),
      reset: permit.closesConnection,
      opaque: { sent: onSent },
    };
    const response = await pool.send(options, deadline);
    throwIfProxyRefuses(pool.proxy, request.url, response);
    hop.phase = 'body';
    permit.answered();
    hop.answer = readAnswer(response, hostKey(request.url));
    trace.answer = hop.answer;
    const fetched = await takeResponse(client, request, { response, answer: hop.answer, deadline });
    outcome = { answer: hop.answer, failure: null };
    return fetched;
  } catch (thrown) {
    const isLookup = hop.phase === 'head' && client.pools.isLookingUp(request.url);
    const reason = deadline.reason();
    const cause = reason === null ? thrown : isLookup ? lookupFailure(reason) : reason;
    const error = withProxyInDoubt(asFetchFailure(cause, hop.phase), hop.phase, pool.proxy);
    if (request.mayRepeat && hop.isReused && hop.phase === 'head' && isHangUp(error))
      return 'again';
    if (error instanceof FetchFailure && !request.signal.aborted)
      outcome = { answer: hop.answer, failure: error };
    if (hop.phase === 'body' && isParserError(error)) client.pools.readLeniently(request.url);
    throw error;
  } finally {
    deadline.clear();
    pool.done();
    if (permit.closesConnection) client.pools.closeHttp2(request.url);
    permit.report(outcome);
  }
}

function isParserError(error: unknown): boolean {
  return error instanceof FetchFailure && error.code === 'protocol';
}

/** If the deadline expires while the name is looked up, the resolver did not answer. */
function lookupFailure(reason: unknown): unknown {
  if (!(reason instanceof FetchFailure)) return reason;
  return new FetchFailure('dns', `the name was not resolved in time: ${reason.message}`, {
    resolverUnreachable: true,
  });
}

/** The mutable state of one hop. */
interface HopState {
  phase: 'head' | 'body';
  /** True when the connection has carried an earlier request. */
  isReused: boolean;
  answer: Answer | null;
}

/**
 * Throws when the proxy refuses the request. Through a tunnel, answers come from the host itself.
 */
function throwIfProxyRefuses(proxy: Proxy | null, url: URL, { statusCode, body }: Exchange): void {
  if (proxy === null || url.protocol !== 'http:' || statusCode !== PROXY_AUTHENTICATION) return;
  body.destroy();
  throw authenticationFailure(proxy);
}

/**
 * The options for a request through a proxy. For an http URL, the proxy receives the whole URL and
 * its own credentials.
 */
function proxyOptions(url: URL, proxy: Proxy | null): ProxyOptions {
  const path = url.pathname + url.search;
  if (proxy === null || url.protocol !== 'http:') return { path, headers: {} };
  const { authorization } = proxy;
  return {
    path: url.origin + path,
    headers: authorization === null ? {} : { 'proxy-authorization': authorization },
  };
}

interface ProxyOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

function requestOptions(
  client: HttpClient,
  { url, initialUrl, condition, cookies }: Hop,
  proxy: Proxy | null,
): Omit<RequestOptions, 'opaque'> {
  const configured = headersFor(client.headers, url, initialUrl);
  const { path, headers } = proxyOptions(url, proxy);
  return {
    path,
    method: 'GET',
    headers: {
      accept: 'image/*,*/*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': client.userAgent,
      ...headers,
      ...(condition?.etag ? { 'if-none-match': condition.etag } : {}),
      ...(condition?.lastModified ? { 'if-modified-since': condition.lastModified } : {}),
      ...withCookies(configured, cookies.headerFor(url)),
    },
  };
}

/** Adds the cookies to the headers. The name of a configured header may be written in any case. */
function withCookies(
  configured: Readonly<Record<string, string>>,
  cookies: string | null,
): Readonly<Record<string, string>> {
  if (cookies === null) return configured;
  const name = Object.keys(configured).find((key) => key.toLowerCase() === 'cookie');
  if (name === undefined) return { ...configured, cookie: cookies };
  return { ...configured, [name]: `${configured[name] ?? ''}; ${cookies}` };
}

interface Received {
  readonly response: Exchange;
  readonly answer: Answer;
  readonly deadline: ReturnType<typeof startDeadline>;
}

async function takeResponse(
  client: HttpClient,
  request: Hop,
  received: Received,
): Promise<Fetched | URL> {
  const { response, answer, deadline } = received;
  if (FILE_STATUSES.has(answer.status)) {
    try {
      if (client.honorsRobotsTag) checkRobotsTag(response, client.userAgent);
      const body = await saveBody({
        response,
        deadline,
        limit: client.bytesPerFile,
        createSink: request.createSink,
      });
      return { answer, body };
    } catch (error) {
      response.body.destroy();
      throw error;
    }
  }
  const discarded = await discardBody(response);
  if (REDIRECTS.has(answer.status)) {
    request.cookies.keep(request.url, response);
    return redirectTarget(answer.location, request.url);
  }
  if (answer.status === 304 && request.condition !== null) return { answer, body: null };
  const { visited: urls, cookies } = request;
  const sources = { headers: client.headers, urls, cookies: cookies.values() };
  const text = decodeText(discarded.bytes, headerOf(response, 'content-type'));
  throw statusFailure(answer, client.maxRetryAfterSeconds, {
    body: text,
    reason: answerReason(response, { text, isCut: discarded.isCut }, sources),
    isChallenge: answer.challenge !== null || challengeOfPage(text) !== null,
  });
}
