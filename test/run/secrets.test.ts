/**
 * A secret in a URL, or in the worker's file of headers, is in the files that need it and nowhere
 * else.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { Pipeline } from '../helpers/runs/pipeline';

const QUERY = 'QUERYSECRET0123456789';
const USERINFO = 'USERINFOSECRET0123456789';
const HEADER = 'HEADERSECRET0123456789';
const SECRETS = [QUERY, USERINFO, HEADER];

/**
 * The catalog, the files made from it, and the warehouse contain the URL by design (SECURITY.md).
 */
const HAS_URLS =
  /^(catalogs\/|runs\/[^/]+\/(catalog\.parquet|plan\/|merged\/)|warehouse(\.snapshot)?\.duckdb$)/;

let server: LyingServer;
let pipeline: Pipeline;
beforeAll(async () => {
  server = await startLyingServer();
});
afterAll(async () => {
  await pipeline.dispose();
  await server.close();
});

function filesWith(folder: string, secret: string): readonly string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.readFileSync(file).includes(secret))
    .map((file) => path.relative(folder, file));
}

it('a run with signed URLs, passwords and keys shows none of them', async () => {
  const jpeg = await picture('jpeg');
  const at = `127.0.0.1:${server.port}`;
  const signed = (name: string): string => `http://${at}/${name}?X-Amz-Signature=${QUERY}`;
  const rows = [
    ['good', signed('good')],
    ['gone', signed('gone')],
    ['moved', signed('moved')],
    ['outside', signed('outside')],
    ['hang-up', signed('hang-up')],
    ['user', `http://u:${USERINFO}@${at}/x`],
    ['port', `http://127.0.0.1:1/x?sig=${QUERY}`],
    ['scheme', `ftp://${at}/x?sig=${QUERY}`],
    ['nonsense', `http://[/x?sig=${QUERY}`],
  ];
  const query = `?X-Amz-Signature=${QUERY}`;
  server.answer(`/good${query}`, reply('200 OK', {}, jpeg));
  server.answer(`/moved${query}`, reply('302 Found', { location: `/else?token=${QUERY}` }));
  server.answer(`/else?token=${QUERY}`, reply(`404 ${QUERY}`));
  server.answer(
    `/outside${query}`,
    reply('302 Found', { location: `http://u:${USERINFO}@10.0.0.1/${query}` }),
  );
  server.answer(`/hang-up${query}`, (socket) => socket.destroy());
  const headers = path.join(
    fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-headers-')),
    'headers.json',
  );
  fs.writeFileSync(headers, JSON.stringify({ [at]: { Authorization: `Bearer ${HEADER}` } }));
  pipeline = await Pipeline.create({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: at,
    ARTEMIS_HTTP_HEADERS_FILE: headers,
    ARTEMIS_LOG_LEVEL: 'trace',
    ARTEMIS_MAX_ATTEMPTS: '1',
  });
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const catalog = ['id,url', ...rows.map((row) => row.join(','))].join('\n');
  fs.writeFileSync(path.join(pipeline.root, 'catalogs', 'c.csv'), `${catalog}\n`);

  const run = await pipeline.run('run', 'data/catalogs/c.csv', '--workflow-id', 'secrets');
  expect(run.code).toBe(3);
  // The secrets were present and used.
  expect(server.requests[0]?.head).toContain(HEADER);
  expect(server.requests.some(({ path: asked }) => asked.includes(QUERY))).toBe(true);

  const shown: Record<string, string> = { 'run, with its log': run.stdout + run.stderr };
  for (const id of ['secrets', 'secrets-download'])
    shown[`history of ${id}`] = await pipeline.expectFine(
      ...['temporal', 'workflow', 'show', '--workflow-id', id, '--output', 'json'],
    );
  shown.status = await pipeline.expectFine('status', '--json');
  shown.outcomes = await pipeline.expectFine('query', 'FROM fact_download', '--format', 'json');
  for (const [where, text] of Object.entries(shown)) {
    expect(text.length).toBeGreaterThan(20);
    const payloads = [...text.matchAll(/"data": *"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    const told = SECRETS.filter((secret) =>
      [text, ...payloads].some((part) => part.includes(secret)),
    );
    expect({ where, told }).toEqual({ where, told: [] });
  }

  await pipeline.run('down');
  for (const secret of SECRETS)
    expect(filesWith(pipeline.root, secret).filter((file) => !HAS_URLS.test(file))).toEqual([]);
  expect(filesWith(pipeline.root, HEADER)).toEqual([]);
  fs.rmSync(path.dirname(headers), { recursive: true });
});
