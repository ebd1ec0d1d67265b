/** The demo: a run over a real catalog, against an origin on loopback. */
import { setTimeout as delay } from 'node:timers/promises';
import { createContext, type CommandContext } from '../cli/command-context';
import { EXIT, type ExitCode } from '../cli/exit-codes';
import { listenForInterrupts } from '../cli/interrupts';
import { reportOutcome } from '../cli/run/report-outcome';
import { temporalLinks } from '../cli/temporal-links';
import { startAndFollow, type RunOutcome } from '../cli/run/start-and-follow';
import { serveDataRoot, type ServingDataRoot } from '../serve/serve-data-root';
import { connectClient } from '../server/connection';
import { stopServer } from '../server/embedded/dev-server';
import { resolveServer, runLink, type ResolvedServer } from '../server/resolve-server';
import { DEMO_CATALOG, writeDemoCatalog } from './demo-catalog';
import { showResults } from './show-results';
import { startOrigin } from './start-origin';

/** The number of artworks that are downloaded. Ingest reads all of them. */
const LIMIT = 2_000;

/** All steps but `clusters`, whose groups none of the demo's queries reads. */
const STEPS = ['ingest', 'download', 'features', 'aggregates', 'publish'] as const;

/** Loopback can handle more requests than a museum. The demo must end within 75 seconds. */
const BUDGET = { connections: 32, requestsPerSecond: 180 };

/**
 * Runs the demo.
 *
 * @param options `data` is the data root, by default `./demo-data`.
 */
export async function runDemo({
  data = 'demo-data',
}: {
  readonly data?: string;
}): Promise<ExitCode> {
  const origin = await startOrigin(data);
  try {
    const context = createContext(
      { data },
      {
        ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${origin.port}`,
        // The demo has queues of its own, because workers that were started for this data root in
        // another way may not connect to loopback.
        ARTEMIS_QUEUE_PREFIX: 'artemis-demo',
        ARTEMIS_COMMIT_SECONDS: '3',
      },
    );
    context.terminal.say(
      `demo: ${LIMIT} artworks of the Tate · origin 127.0.0.1:${origin.port} · data root ${data}`,
    );
    await writeDemoCatalog(context.config.dataRoot, origin.port);
    const { config, log } = context;
    const server = await resolveServer({ config, log, mayStart: true });
    try {
      return await downloadAndShow(context, server, `127.0.0.1:${origin.port}`);
    } finally {
      if (server.started) await stopServer(config.dataRoot);
    }
  } finally {
    origin.stop();
  }
}

async function downloadAndShow(
  context: CommandContext,
  server: ResolvedServer,
  host: string,
): Promise<ExitCode> {
  const { terminal } = context;
  const outcome = await download(context, server, host);
  const exitCode = reportOutcome(context, outcome, null);
  if (outcome.kind !== 'ended' || outcome.summary.state !== 'completed') return exitCode;
  await showResults(context, outcome.runId);
  const gallery = terminal.isInteractive ? await openGallery(context, outcome.runId) : null;
  const link = runLink(server, outcome.workflowId, outcome.runId);
  // Without a terminal our own server stops in a moment, and a link to it would be dead.
  const isLinkAlive = terminal.isInteractive || !server.started;
  if (link !== null && isLinkAlive) terminal.say(`\nThe run in Temporal's Web UI: ${link}`);
  await waitForInterrupt(context);
  await gallery?.close();
  return EXIT.fine;
}

/** Serves the pictures as the command `serve` does, until the demo ends. */
async function openGallery(
  { config, log, terminal }: CommandContext,
  runId: string,
): Promise<ServingDataRoot> {
  const { dataRoot, previewBytes } = config;
  const host = '127.0.0.1';
  const temporal = temporalLinks(config);
  const place = { dataRoot, host, port: 0, token: null };
  const gallery = await serveDataRoot({ ...place, temporal, previewBytes, log });
  const address = `http://${host}:${gallery.port}`;
  terminal.say(`\nThe pictures, in a browser: ${address}/`);
  terminal.say(`The report of the run: ${address}/runs/${runId}/report`);
  return gallery;
}

async function download(
  context: CommandContext,
  server: ResolvedServer,
  host: string,
): Promise<RunOutcome> {
  const client = await connectClient(server.settings);
  const input = {
    catalog: DEMO_CATALOG,
    columns: { id: 'id', url: 'thumbnailUrl' },
    limit: LIMIT,
    steps: STEPS,
    hosts: { [host]: BUDGET },
  };
  try {
    return await startAndFollow(context, {
      server,
      client,
      request: { workflowId: 'demo', input },
    });
  } finally {
    await client.connection.close();
  }
}

/** In a terminal, keeps the pages and the Web UI available until Ctrl-C. */
async function waitForInterrupt({ terminal }: CommandContext): Promise<void> {
  if (!terminal.isInteractive) return;
  terminal.say('Ctrl-C stops the pages, the Temporal server and the origin.');
  const interrupts = listenForInterrupts(() => undefined);
  await delay(2 ** 31 - 1, undefined, { signal: interrupts.signal }).catch(() => undefined);
  interrupts.dispose();
}
