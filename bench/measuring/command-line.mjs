/**
 * Shared by benchmarks of whole runs: a data root, the built command line as processes on it, and
 * an origin on loopback.
 */
import { execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BIN = fileURLToPath(new URL('../../bin/artemis-pipeline.js', import.meta.url));
const PREFIX = 'artemis-bench';

/**
 * `close` stops the server and the origin, and removes the data root. The caller ends all other
 * processes.
 */
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

  /**
   * Runs a command to its end, and returns its output.
   *
   * @throws an Error when the command fails.
   */
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
    /** Starts a command, and returns when it has printed `words`. */
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
    /**
     * Writes a catalog of this number of different images, and returns its path below the data
     * root.
     *
     * @param query the query of all URLs, which makes them differ from those of other catalogs.
     */
    writeCatalog(images, query = '') {
      const rows = Array.from(
        { length: images },
        (_, n) => `i${n},http://127.0.0.1:${port}/${n}.jpg${query}`,
      );
      fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
      fs.writeFileSync(path.join(root, 'catalogs/all.csv'), `id,url\n${rows.join('\n')}\n`);
      return 'catalogs/all.csv';
    },
    /** Starts a run with the Temporal CLI, and returns its run id. */
    async startRun(workflowId, input) {
      const started = await cli(
        ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
        ...['--task-queue', `${PREFIX}-pipeline`, '--output', 'json'],
        ...['--input', JSON.stringify(input)],
      );
      return JSON.parse(started).runId;
    },
    /** The time at which the origin received its last request, in ms since the epoch. */
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
