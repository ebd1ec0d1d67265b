/**
 * A host that speaks only HTTP/2 is subject to the same checks of bodies and the same limits as one
 * that speaks HTTP/1.1.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { PlanEntry } from '../../src/contract/plan-entry';
import { createAuthority } from '../helpers/cluster/certificates';
import { picture } from '../helpers/images/images';
import { startHttp2Server, type Http2Server } from '../helpers/hosts/http2-server';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { runBatchBehind } from './batch-behind';
import { BatchFixture, entryOf } from './batch-fixture';
import { HTTP2_ANSWERS } from './http2-answers';

let folder: string;
let batch: BatchFixture;
let both: LyingServer;
const servers: Http2Server[] = [];
const requests: string[] = [];
const lines = new Map<string, LedgerLine>();
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-http2-'));
  const jpeg = await picture('jpeg');
  const authority = createAuthority(folder, 'ca');
  const certificate = authority.issue('good', { names: 'IP:127.0.0.1' });
  /**
   * Each answer has a server of its own, because some end the requests of the whole connection. The
   * silent one shares that of the first, because a host that never answers is given up.
   */
  const listen = async (): Promise<number> => {
    const server = await startHttp2Server(certificate, (stream, at) => {
      const before = requests.filter((asked) => asked === at).length;
      requests.push(at);
      HTTP2_ANSWERS[at]?.[0](stream, jpeg, before);
    });
    servers.push(server);
    return server.port;
  };
  both = await startLyingServer({ certificate, tls: { ALPNProtocols: ['h2', 'http/1.1'] } });
  both.answer('/both', reply('200 OK', {}, jpeg));
  batch = new BatchFixture(0);
  const origins: string[] = [];
  const entries: PlanEntry[] = [];
  for (const at of Object.keys(HTTP2_ANSWERS)) {
    const [first] = origins;
    const origin = at === '/silent' && first !== undefined ? first : `127.0.0.1:${await listen()}`;
    origins.push(origin);
    entries.push(entryOf(`https://${origin}${at}`));
  }
  batch.plan([...entries, entryOf(`https://127.0.0.1:${both.port}/both`)]);
  await batch.run({
    settings: {
      ARTEMIS_ALLOW_PRIVATE_HOSTS: [...origins, `127.0.0.1:${both.port}`].join(','),
      ARTEMIS_MAX_SECONDS_PER_FILE: '12',
      ARTEMIS_MAX_BYTES_PER_FILE: '200000',
    },
    input: { budgets: { default: { connections: 2, requestsPerSecond: 100 } } },
    work: (options) => runBatchBehind(['env', `NODE_EXTRA_CA_CERTS=${authority.cert}`], options),
  });
  for (const line of batch.lines()) lines.set(line.id, line);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await both.close();
  await batch.dispose();
  fs.rmSync(folder, { recursive: true });
});

it.each(Object.entries(HTTP2_ANSWERS).map(([at, [, expected]]) => [at, expected] as const))(
  'over HTTP/2, %s has the expected outcome',
  (at, expected) => {
    expect(lines.get(at)).toMatchObject(expected);
    expect(requests.filter((asked) => asked === at)).toHaveLength(lines.get(at)?.requests ?? -1);
  },
);

it('a host that speaks both versions receives requests over HTTP/1.1', () => {
  expect(lines.get('/both')).toMatchObject({ outcome: 'stored', requests: 1 });
  expect(both.requests[0]?.head).toContain('GET /both HTTP/1.1');
});
