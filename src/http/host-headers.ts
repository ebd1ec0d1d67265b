/**
 * Headers for particular hosts (for example a museum's API key), read from the worker's own file.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { hostKey } from '../contract/plan-entry';

/** The headers by host, for example `{"host or host:port": {"Header": "value"}}`. */
export type HostHeaders = Readonly<Record<string, Readonly<Record<string, string>>>>;

const hostHeadersSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** @throws an Error that names the file and never its content. */
export function readHostHeaders(file: string | null): HostHeaders {
  if (file === null) return {};
  try {
    return hostHeadersSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    const problem =
      error instanceof z.ZodError
        ? 'is not {"host": {"Header": "value"}}'
        : 'cannot be read as JSON';
    throw new Error(`ARTEMIS_HTTP_HEADERS_FILE ${file} ${problem}.`, { cause: error });
  }
}

/**
 * The headers for one URL. They are looked up again for each hop, so that a redirect carries none
 * to another host; another port counts as another host. If the redirects began with https at
 * `initialUrl`, no headers are sent over http.
 */
export function headersFor(
  headers: HostHeaders,
  url: URL,
  initialUrl: URL,
): Readonly<Record<string, string>> {
  if (initialUrl.protocol === 'https:' && url.protocol === 'http:') return {};
  const key = hostKey(url);
  // Only own keys count, because a host may be called `constructor`.
  return Object.hasOwn(headers, key) ? (headers[key] ?? {}) : {};
}
