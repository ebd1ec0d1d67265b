/** Serves the pages of a data root. It reads the snapshot and files, and writes previews alone. */
import { once } from 'node:events';
import { createAdaptorServer } from '@hono/node-server';
import type { Logger } from 'pino';
import { createApp } from './app';
import { KnownFiles } from './files/known-files';
import { RunFiles } from './files/run-files';
import { ImageLists } from './images/image-lists';
import { Previews } from './previews/previews';
import { SqlCage } from './sql/sql-cage';
import { SnapshotFollower } from './snapshot/snapshot-follower';
import type { TemporalLinks } from './temporal-links';

export interface ServeOptions {
  readonly dataRoot: string;
  /** The address to listen at. */
  readonly host: string;
  /** 0 for a port that the system chooses. */
  readonly port: number;
  /** What a browser must know; null where none is asked for. */
  readonly token: string | null;
  /** The most bytes that previews take in the data root. */
  readonly previewBytes: number;
  readonly temporal: TemporalLinks;
  readonly log: Logger;
}

/** A server that listens. */
export interface ServingDataRoot {
  readonly port: number;
  /** Ends open connections and closes the snapshot. */
  close(): Promise<void>;
}

/** A request must arrive within this time, in ms. */
const REQUEST_MS = 30_000;

/**
 * Listens, and returns at once. The snapshot is opened when the first page asks for it.
 *
 * @throws the errors of listening, such as EADDRINUSE.
 */
export async function serveDataRoot(options: ServeOptions): Promise<ServingDataRoot> {
  const { dataRoot, host, port, token, temporal, previewBytes, log } = options;
  const follower = new SnapshotFollower(dataRoot);
  const parts = {
    dataRoot,
    follower,
    log,
    temporal,
    lists: new ImageLists(),
    files: new KnownFiles(),
    runs: new RunFiles(dataRoot),
    previews: new Previews(dataRoot, previewBytes),
    cage: new SqlCage(dataRoot),
  };
  const app = createApp(parts, { host, token });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: REQUEST_MS, maxHeaderSize: 16_384 },
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await follower.close();
      await parts.previews.close();
      await parts.cage.close();
    },
  };
}
