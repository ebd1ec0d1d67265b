'use strict';
/**
 * The demo's origin for tests. It keeps the images that it draws from suite to suite and from run
 * to run, because drawing one takes ten milliseconds of a core, and every suite requests the same
 * first artworks.
 *
 * Its arguments are a file to which it appends the path of each request, and the folder of the kept
 * images. It sends its port to the parent, and ends with the parent.
 */
const fs = require('node:fs');
const path = require('node:path');
const { createOrigin } = require('../../../dist/demo/origin.js');
const { drawThumbnail } = require('../../../dist/demo/draw-thumbnail.js');
const { readArtworks } = require('../../../dist/demo/tate-rows.js');

/** The catalogs of tests have only the first artworks, and reading all of them takes a second. */
const KEPT_ARTWORKS = 6_000;

async function keptArtworks(folder) {
  const file = path.join(folder, 'artworks.json');
  if (!fs.existsSync(file)) {
    const all = [...(await readArtworks()).values()];
    writeWhole(file, JSON.stringify(all.slice(0, KEPT_ARTWORKS)));
  }
  return new Map(JSON.parse(fs.readFileSync(file, 'utf8')).map((artwork) => [artwork.id, artwork]));
}

function drawOnce(folder) {
  return async (artwork) => {
    const file = path.join(folder, `${encodeURIComponent(artwork.id)}.jpg`);
    if (fs.existsSync(file)) return fs.readFileSync(file);
    const picture = await drawThumbnail(artwork);
    writeWhole(file, picture);
    return picture;
  };
}

/** Other suites may read the file meanwhile. */
function writeWhole(file, content) {
  const temp = `${file}.${process.pid}`;
  fs.writeFileSync(temp, content);
  fs.renameSync(temp, file);
}

async function main() {
  const [log, folder] = process.argv.slice(2);
  fs.mkdirSync(folder, { recursive: true });
  const artworks = await keptArtworks(folder);
  const requests = fs.openSync(log, 'a');
  const server = createOrigin({
    find: (id) => artworks.get(id) ?? null,
    onRequest: (asked) => fs.writeSync(requests, `${asked}\n`),
    draw: drawOnce(folder),
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.once('disconnect', () => {
    server.closeAllConnections();
    server.close();
  });
  // The whole process group gets Ctrl-C. The parent decides when the origin ends.
  process.on('SIGINT', () => undefined);
}

void main();
