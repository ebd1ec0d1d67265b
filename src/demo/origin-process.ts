/**
 * The root module of the origin's process, which is separate so that it does not share a core's
 * time with the workers that it serves. Its arguments are the port (0 for any) and the file to
 * which it appends each request's path. It sends its port to the parent, and ends with it.
 */
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { drawThumbnail, type Artwork } from './draw-thumbnail';
import { createOrigin } from './origin';
import { readArtworks } from './tate-rows';

/** One artwork in this many has the picture of the artwork before it. */
const COPY_ONE_IN = 50;

/** The artwork that the picture of an id shows. Real catalogs have copies too. */
function picturesOf(artworks: readonly Artwork[]): ReadonlyMap<string, Artwork> {
  return new Map(
    artworks.map((artwork, index) => {
      const isCopy = index % COPY_ONE_IN === COPY_ONE_IN - 1;
      return [artwork.id, (isCopy ? artworks[index - 1] : null) ?? artwork];
    }),
  );
}

async function main(): Promise<void> {
  const [port, log] = process.argv.slice(2);
  const artworks = await readArtworks();
  const requests = fs.openSync(log ?? '', 'a');
  const pictures = picturesOf([...artworks.values()]);
  const server = createOrigin({
    find: (id) => artworks.get(id) ?? null,
    draw: (artwork) => drawThumbnail(pictures.get(artwork.id) ?? artwork),
    onRequest: (path) => fs.writeSync(requests, `${path}\n`),
  });
  server.once('error', (error: NodeJS.ErrnoException) => {
    process.send?.({ error: error.code ?? error.message });
    process.exitCode = 1;
    process.disconnect();
  });
  server.listen(Number(port), '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
  process.once('disconnect', () => {
    server.closeAllConnections();
    server.close();
  });
  // The whole process group gets Ctrl-C. The parent decides when the origin ends.
  process.on('SIGINT', () => undefined);
}

void main();
