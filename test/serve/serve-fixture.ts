/** A server over a data root, and requests that a browser would not make. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { Command, Pipeline } from '../helpers/runs/pipeline';
import { tateCatalog } from '../helpers/images/tate-catalog';

/** Artworks of the catalog, which has one more row, without a URL. */
export const COUNT = 90;

export interface ImagesAnswer {
  readonly total: number;
  readonly images: readonly {
    readonly id: string;
    readonly title: string | null;
    readonly state: string;
    readonly sha256: string | null;
  }[];
}

/** What an attacker would put into a title of a catalog. */
export const HOSTILE =
  '</bdi></script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">\u202E"\'&';

/** Titles that a spreadsheet would run, and one that it would not. Rows from 82 on have them. */
const FORMULAS = ['=formula()', '+formula', '-formula', '@formula', 'no =formula'];

/** HOSTILE as a page shows it. */
export const HOSTILE_SHOWN = HOSTILE.replace('\u202E', String.raw`\u{202E}`);

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export class Served {
  private constructor(
    readonly command: Command,
    /** With the token, where the server asks for one. */
    readonly address: URL,
  ) {}

  /** Starts the command `serve` on a port that the system chooses. */
  static async start(pipeline: Pipeline, ...words: readonly string[]): Promise<Served> {
    const command = pipeline.start('serve', '--port', '0', ...words);
    await command.says('(Ctrl-C ends)');
    const [address = ''] = command.stdout().split('\n');
    return new Served(command, new URL(address));
  }

  /** Sends a request with exactly this path and these headers. */
  get(
    target: string,
    headers: http.OutgoingHttpHeaders = {},
    method = 'GET',
    encoding: BufferEncoding = 'utf8',
  ): Promise<Answer> {
    const { hostname, port } = this.address;
    return new Promise((resolve, reject) => {
      const request = http.request({ hostname, port, path: target, method, headers, agent: false });
      request.once('error', reject);
      request.once('response', (response) => {
        response.setEncoding(encoding);
        let body = '';
        response.on('data', (text: string) => (body += text));
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      request.end();
    });
  }

  async json<T>(target: string): Promise<T> {
    const { status, body } = await this.get(target);
    if (status !== 200) throw new Error(`${target} was answered with ${status}: ${body}`);
    return JSON.parse(body) as T;
  }

  /** The text of a page, without its tags. */
  async text(target: string): Promise<string> {
    const { body } = await this.get(target);
    return textOf(body);
  }
}

function textOf(page: string): string {
  return page
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

/**
 * Writes a catalog of artworks with titles, of which the first one is hostile. The second artwork
 * has the URL of the first one, and some later titles are formulas. At the end are a row without a
 * URL, and one that is rejected, because it has too few fields.
 *
 * @param without a row that the catalog does not have, from 0.
 * @returns the path of the catalog.
 */
export async function writeTitledCatalog(
  pipeline: Pipeline,
  count: number,
  without = -1,
): Promise<string> {
  const [, ...lines] = (await tateCatalog(count, pipeline.origin.port)).trim().split('\n');
  const urls = lines.map((line) => line.split(',')[1] ?? '');
  const rows = lines.map((line, n) => {
    const [id = ''] = line.split(',');
    const title = n === 0 ? HOSTILE : (FORMULAS[n - 82] ?? `Work number ${n}`);
    const url = n === 1 ? urls[0] : urls[n];
    return `${id},${url ?? ''},"${title.replaceAll('"', '""')}"`;
  });
  const kept = [...rows, 'bare,,"Nothing to download"'].filter((_, n) => n !== without);
  const file = path.join(pipeline.folder, 'artworks.csv');
  fs.writeFileSync(file, `id,url,title\n${kept.join('\n')}\nshort\n`);
  return file;
}
