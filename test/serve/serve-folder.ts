/** A server in the process of the test, over a data root that was made without runs. */
import { createLogger } from '../../src/log';
import { serveDataRoot } from '../../src/serve/serve-data-root';

export interface ServedFolder {
  readonly port: number;
  /** Requests an address that begins with `/`. */
  get(target: string, headers?: Record<string, string>): Promise<Response>;
  /** The markup of a page, which must be there. */
  page(target: string): Promise<string>;
  close(): Promise<void>;
}

export async function serveFolder(dataRoot: string): Promise<ServedFolder> {
  const log = createLogger({ level: 'silent', pretty: false });
  const place = { dataRoot, host: '127.0.0.1', port: 0, token: null };
  const temporal = { configured: null, linkOf: () => null };
  const serving = await serveDataRoot({ ...place, temporal, previewBytes: 1_000_000_000, log });
  const get = (target: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${serving.port}${target}`, { headers, redirect: 'manual' });
  return {
    port: serving.port,
    get,
    page: async (target) => {
      const answer = await get(target);
      const markup = await answer.text();
      if (answer.status !== 200) throw new Error(`${target} is ${answer.status}: ${markup}`);
      return markup;
    },
    close: () => serving.close(),
  };
}
