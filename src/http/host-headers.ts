/** Headers for single hosts (a museum's API key), from the worker's own file. */
import fs from 'node:fs';
import { z } from 'zod';
import { hostKey } from '../contract/plan-entry';

/** **Shape** `{"host or host:port": {"Header": "value"}}`. */
export type HostHeaders = Readonly<Record<string, Readonly<Record<string, string>>>>;

const schema = z.record(z.string(), z.record(z.string(), z.string()));

/** **Errors** Error naming the file, never its content. */
export function readHostHeaders(file: string | null): HostHeaders {
  if (file === null) return {};
  try {
    return schema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? 'is not {"host": {"Header": "value"}}'
        : 'cannot be read as JSON';
    throw new Error(`ARTEMIS_HTTP_HEADERS_FILE ${file} ${why}.`, { cause: error });
  }
}

/**
 * Headers for one URL: asked anew at each hop, so a redirect takes none along to another host, and another port is another host.
 * `first`: where the redirects began; what is said over https is not said again over http. Only own keys: a host may be called
 * `constructor`.
 */
export function headersFor(
  headers: HostHeaders,
  url: URL,
  first: URL,
): Readonly<Record<string, string>> {
  if (first.protocol === 'https:' && url.protocol === 'http:') return {};
  const key = hostKey(url);
  return Object.hasOwn(headers, key) ? (headers[key] ?? {}) : {};
}
