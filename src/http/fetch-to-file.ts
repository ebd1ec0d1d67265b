/** Fetches one URL into a temporary file, following redirects hop by hop. */
import type { Dispatcher } from 'undici';
import { hostKey } from '../contract/plan-entry';
import type { AddressGuard } from './address-guard';
import { readAnswer, type Answer, type Condition } from './answer';
import { startDeadline } from './deadline';
import { exchange, type Exchange } from './exchange';
import { FetchFailure, asFetchFailure, isHangUp } from './fetch-failure';
import { headersFor, type HostHeaders } from './host-headers';
import type { OriginPools } from './origin-pools';
import type { HostAccess, RequestOutcome } from './permit';
import { checkRobotsTag } from './robots-tag';
import { saveBody, type BodySink, type SavedBody } from './save-body';

/** What all requests of a batch share. **Units** bytes, seconds. */
export interface HttpClient {
  readonly guard: AddressGuard;
  readonly pools: OriginPools;
  readonly headers: HostHeaders;
  readonly userAgent: string;
  /** X-Robots-Tag that forbids the use of the image is obeyed. */
  readonly honorsRobotsTag: boolean;
  readonly bytesPerFile: number;
  readonly secondsPerFile: number;
  readonly maxRetryAfterSeconds: number;
  /** Who gives permits. */
  readonly hosts: HostAccess;
}

export interface FetchRequest {
  readonly url: URL;
  readonly condition: Condition | null;
  readonly createSink: () => BodySink;
  readonly signal: AbortSignal;
}

/** What came: a body on the sink, or "not modified". */
export interface Fetched {
  readonly answer: Answer;
  readonly body: SavedBody | null;
}

/** Counts requests and keeps the last answer, for the outcome of a failure too. */
export interface FetchTrace {
  requests: number;
  answer: Answer | null;
}

/** One more fails with `too_many_redirects` (docs/reference/codes.md). */
const MOST_REDIRECTS = 5;

/** What is read of an answer that nobody wants. **Units** bytes. */
const LONGEST_DISCARDED = 64 * 1_024;
const LONGEST_KEPT = 4_096;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A request that met the end of a connection that was kept is sent once more, at once: no try of the image's.
 *
 * **Errors** {@link FetchFailure}; StepError disk_* from the sink; the signal's reason.
 * **Source** RFC 9112, 9.3.1 and 9.5: such a race is the protocol's own.
 */
export async function fetchToFile(
  client: HttpClient,
  request: FetchRequest,
  trace: FetchTrace,
): Promise<Fetched> {
  let url = request.url;
  let mayRepeat = true;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    client.guard.check(url);
    const next = await fetchHop(client, { ...request, url, first: request.url, mayRepeat }, trace);
    if (next === 'again') {
      mayRepeat = false;
      hop -= 1;
    } else if (next instanceof URL) url = next;
    else return next;
  }
  throw new FetchFailure('too_many_redirects', `more than ${MOST_REDIRECTS} redirects`);
}

/** `first`: where the redirects began. `mayRepeat`: the request may be sent once more when its connection had ended. */
interface Hop extends FetchRequest {
  readonly first: URL;
  readonly mayRepeat: boolean;
}

/** @returns what came; where it redirects to; `again` when a kept connection had ended before the request arrived. */
async function fetchHop(
  client: HttpClient,
  request: Hop,
  trace: FetchTrace,
): Promise<Fetched | URL | 'again'> {
  const permit = await client.hosts.acquire(request.url, request.signal);
  const deadline = startDeadline({ seconds: client.secondsPerFile, signal: request.signal });
  const hop: HopState = { phase: 'head', isKept: false, answer: null };
  const pool = client.pools.use(request.url);
  const sent = (isFirst: boolean): void => {
    // Called as it is written to its socket, by which time the deadline may have passed.
    if (deadline.reason() !== null) return;
    trace.requests += 1;
    hop.isKept = !isFirst;
    permit.sent();
  };
  let outcome: RequestOutcome = { answer: null, failure: null };
  try {
    const response = await exchange(
      pool.dispatcher,
      {
        ...requestOptions(client, request),
        reset: permit.closesConnection,
        opaque: { sent },
      },
      deadline,
    );
    hop.phase = 'body';
    permit.answered();
    hop.answer = readAnswer(response, hostKey(request.url));
    trace.answer = hop.answer;
    const taken = await takeResponse(client, request, { response, answer: hop.answer, deadline });
    outcome = { answer: hop.answer, failure: null };
    return taken;
  } catch (caught) {
    const isLookup = hop.phase === 'head' && client.pools.isLookingUp(request.url);
    const reason = deadline.reason();
    const ended = isLookup ? lookupFailure(reason) : reason;
    const error = asFetchFailure(reason === null ? caught : ended, hop.phase);
    if (request.mayRepeat && hop.isKept && hop.phase === 'head' && isHangUp(error)) return 'again';
    if (error instanceof FetchFailure && !request.signal.aborted)
      outcome = { answer: hop.answer, failure: error };
    throw error;
  } finally {
    deadline.clear();
    pool.done();
    permit.report(outcome);
  }
}

/** The deadline passed while the name was looked up: it is the resolver that did not answer. */
function lookupFailure(reason: unknown): unknown {
  if (!(reason instanceof FetchFailure)) return reason;
  return new FetchFailure('dns', `the name was not resolved in time: ${reason.message}`, {
    resolverUnreachable: true,
  });
}

/** Mutable, one a hop. */
interface HopState {
  phase: 'head' | 'body';
  /** The connection had been used before. */
  isKept: boolean;
  answer: Answer | null;
}

function requestOptions(
  client: HttpClient,
  { url, first, condition }: Hop,
): Dispatcher.DispatchOptions {
  return {
    path: url.pathname + url.search,
    method: 'GET',
    headers: {
      accept: 'image/*,*/*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': client.userAgent,
      ...(condition?.etag ? { 'if-none-match': condition.etag } : {}),
      ...(condition?.lastModified ? { 'if-modified-since': condition.lastModified } : {}),
      ...headersFor(client.headers, url, first),
    },
  };
}

interface Received {
  readonly response: Exchange;
  readonly answer: Answer;
  readonly deadline: ReturnType<typeof startDeadline>;
}

async function takeResponse(
  client: HttpClient,
  request: FetchRequest,
  received: Received,
): Promise<Fetched | URL> {
  const { response, answer, deadline } = received;
  if (answer.status === 200) {
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
  const text = await discard(response);
  if (REDIRECTS.has(answer.status)) return redirectTarget(answer.location, request.url);
  if (answer.status === 304 && request.condition !== null) return { answer, body: null };
  throw statusFailure(answer, client, text);
}

/**
 * A short body is read to its end, so that the connection can be used again; a long one costs the connection.
 *
 * @returns its beginning.
 */
async function discard(response: Exchange): Promise<string> {
  const kept: Uint8Array[] = [];
  let length = 0;
  try {
    await response.body.read((chunk) => {
      if (length < LONGEST_KEPT) kept.push(Uint8Array.prototype.slice.call(chunk, 0, LONGEST_KEPT));
      length += chunk.byteLength;
      if (length > LONGEST_DISCARDED) throw new Error('too long to be thrown away');
    });
  } catch {
    // What is thrown away may be cut short: the answer's status is what counts.
  }
  return Buffer.concat(kept).toString('utf8', 0, LONGEST_KEPT);
}

function redirectTarget(location: string | null, from: URL): URL {
  if (location === null) throw new FetchFailure('redirect', 'a redirect without a Location');
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (target === null) throw new FetchFailure('redirect', 'a Location that cannot be parsed');
  if (target.username !== '' || target.password !== '') {
    throw new FetchFailure('redirect', 'a Location with a user name or password');
  }
  return target;
}

/** Transient are 408, 425, 429 and 5xx. */
function statusFailure(answer: Answer, client: HttpClient, body: string): FetchFailure {
  const { status } = answer;
  if (status < 400 || status > 599)
    return new FetchFailure('unexpected_status', `status ${status}`, { body });
  const isTransient = status >= 500 || status === 408 || status === 425 || status === 429;
  const asksToWait = status === 429 || status === 503;
  return new FetchFailure(`http_${status}`, `status ${status}`, {
    body,
    isTransient,
    retryAfterMs: asksToWait ? answer.retryAfterMs(client.maxRetryAfterSeconds) : null,
  });
}
