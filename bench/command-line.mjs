/** What benchmarks of whole runs share: a data root, the built command line as processes on it, an origin on loopback. */
import { execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/artemis-pipeline.js', import.meta.url));
const PREFIX = 'artemis-bench';

/** `close` stops the server and the origin, and removes the data root; other processes are the caller's. */
export async function openBench() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
  const origin = fork(new URL('./delayed-origin.mjs', import.meta.url), ['0']);
  const [{ port }] = await once(origin, 'message');
  const env = {
    ...process.env,
    ARTEMIS_DATA: root,
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${port}`,
  };

  /** Runs a command to its end; what it printed. **Errors** when it fails. */
  async function cli(...words) {
    const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...words], {
      env,
      maxBuffer: 1 << 30,
    });
    return stdout;
  }

  return {
    root,
    cli,
    /** Starts a command that stays, and waits until it has said `words`. */
    async start(words, ...command) {
      const stdio = ['ignore', 'ignore', 'pipe'];
      const child = spawn(process.execPath, [BIN, ...command], { env, stdio });
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (part) => (text += part));
      while (!text.includes(words)) {
        if (child.exitCode !== null) throw new Error(text);
        await delay(50);
      }
      return child;
    },
    /** A catalog of so many images, all different; its path below the data root. */
    writeCatalog(images) {
      const rows = Array.from(
        { length: images },
        (_, n) => `i${n},http://127.0.0.1:${port}/${n}.jpg`,
      );
      fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
      fs.writeFileSync(path.join(root, 'catalogs/all.csv'), `id,url\n${rows.join('\n')}\n`);
      return 'catalogs/all.csv';
    },
    /** Starts a run with the Temporal CLI; its run id. */
    async startRun(workflowId, input) {
      const started = await cli(
        ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
        ...['--task-queue', `${PREFIX}-pipeline`, '--output', 'json'],
        ...['--input', JSON.stringify(input)],
      );
      return JSON.parse(started).runId;
    },
    /** ms since the epoch at which the origin saw its last request. */
    async lastRequestAt() {
      const answer = once(origin, 'message');
      origin.send('when');
      const [{ lastRequestAt }] = await answer;
      return lastRequestAt;
    },
    async close() {
      await cli('down');
      origin.disconnect();
      fs.rmSync(root, { recursive: true });
    },
  };
}
