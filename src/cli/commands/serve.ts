/** `serve`: shows the data root in a browser until it is interrupted. */
import { randomBytes } from 'node:crypto';
import { dataRootDoubt } from '../../serve/files/data-root-doubt';
import { isLoopback } from '../../serve/guard/allowed-host';
import { serveDataRoot } from '../../serve/serve-data-root';
import { errorCode } from '../../files/error-code';
import { lowerPriority } from '../../workers/background-priority';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { listenForInterrupts } from '../interrupts';
import { temporalLinks } from '../temporal-links';
import { UsageError } from '../usage-error';

export interface ServeFlags {
  readonly port: string;
  readonly host: string;
  readonly token?: string;
}

/** A token that is guessed in no lifetime, in characters. */
const SHORTEST_TOKEN = 16;

/**
 * Prints the address on stdout and returns after Ctrl-C or SIGTERM.
 *
 * @throws UsageError for a port or an address that cannot be used, and for a short token.
 */
export async function serve(
  { config, log, terminal }: CommandContext,
  { port, host, token }: ServeFlags,
): Promise<ExitCode> {
  lowerPriority();
  const asked = tokenFor(host, token);
  const serving = await serveDataRoot({
    dataRoot: config.dataRoot,
    previewBytes: config.previewBytes,
    host,
    log,
    temporal: temporalLinks(config),
    port: portOf(port),
    token: asked,
  }).catch((error: unknown) => {
    throw cannotListen(error, host, port);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  const secret = asked === null ? '' : `?token=${encodeURIComponent(asked)}`;
  terminal.data(`http://${name}:${serving.port}/${secret}\n`);
  const doubt = dataRootDoubt(config.dataRoot);
  if (doubt !== null) terminal.say(`${config.dataRoot} ${doubt} Is --data right?`);
  terminal.say(`serving ${config.dataRoot}, read-only (Ctrl-C ends)`);
  await new Promise<void>((resolve) => {
    const interrupts = listenForInterrupts(() => {
      interrupts.dispose();
      resolve();
    });
  });
  await serving.close();
  return EXIT.fine;
}

/** A server that other machines can reach asks for a token, because it shows all images. */
function tokenFor(host: string, token: string | undefined): string | null {
  if (token === undefined) return isLoopback(host) ? null : randomBytes(18).toString('base64url');
  if (token.length >= SHORTEST_TOKEN) return token;
  throw new UsageError(`--token has fewer than ${SHORTEST_TOKEN} characters`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port is ${JSON.stringify(text)}, and must be a number from 0 to 65535`);
}

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another --port, or 0 for a free one',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such name',
  EACCES: 'ports below 1024 need more rights',
};

function cannotListen(error: unknown, host: string, port: string): unknown {
  const problem = LISTEN_PROBLEMS[errorCode(error) ?? ''];
  return problem === undefined
    ? error
    : new UsageError(`cannot listen on ${host}, port ${port}: ${problem}`);
}
