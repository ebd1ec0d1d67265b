import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../src/log';
import { connectClient } from '../../src/server/connection';
import { ensureServer, stopServer } from '../../src/server/embedded/dev-server';
import { freePort } from '../../src/server/embedded/free-ports';
import { livePollers } from '../../src/server/live-pollers';
import { readServerRecord, serverFile } from '../../src/server/embedded/server-record';
import { endProcess, startOthersProcess, withoutRights } from '../helpers/failures/other-user';

const log = createLogger({ level: 'silent', pretty: false });

let root: string;
let other: ChildProcess;
beforeEach(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-users-'));
  fs.chmodSync(root, 0o755);
  other = await startOthersProcess('server', 'start-dev');
});
afterEach(async () => {
  await endProcess(other);
  await stopServer(root);
  fs.rmSync(root, { recursive: true, force: true });
});

describe('processes of another user, for which kill(2) returns EPERM', () => {
  it('include a Temporal server, which is found and which down may not stop', async () => {
    fs.mkdirSync(path.join(root, 'temporal'));
    const [address, uiUrl] = ['127.0.0.1:7233', 'http://localhost:8233'];
    const record = { v: 1, pid: other.pid, address, uiUrl, cli: 'temporal', startedAt: '' };
    fs.writeFileSync(serverFile(root, 'server.json'), JSON.stringify(record));
    await withoutRights(async () => {
      expect(readServerRecord(root)?.pid).toBe(other.pid);
      expect(await stopServer(root)).toBe('not_permitted');
    });
    await endProcess(other);
    expect(readServerRecord(root)).toBeNull();
  });

  it('include a worker, which counts as polling its queue until its process has ended', async () => {
    const grpc = await freePort(17_800);
    const ports = { grpc, ui: await freePort(grpc + 1) };
    const { settings } = await ensureServer({ dataRoot: root, env: process.env, log, ports });
    const client = await connectClient(settings);
    const identity = `${String(other.pid)}@${os.hostname()}`;
    const poll = new AbortController();
    const request = { namespace: 'default', identity, taskQueue: { name: 'theirs' } };
    const polled = client.connection.withAbortSignal(poll.signal, () =>
      client.connection.withDeadline(Date.now() + 60_000, () =>
        client.workflowService.pollActivityTaskQueue(request),
      ),
    );
    const ended = expect(polled).rejects.toThrow();
    try {
      const served = (): Promise<readonly string[]> => livePollers(client, 'download', 'theirs');
      while ((await served()).length === 0) await delay(100);
      expect(await withoutRights(served)).toEqual([identity]);
      await endProcess(other);
      expect(await withoutRights(served)).toEqual([]);
    } finally {
      poll.abort();
      await ended;
      await client.connection.close();
    }
  });
});
