/**
 * A download worker that runs one batch, in its own process or in an isolated one, with the
 * environment that a test set. It sends the result to the test.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** The folder of the compiled program: that of another build if a test names it. */
const DIST = process.env.BATCH_DIST ?? path.join(__dirname, '../../dist');
const { runBatch } = require(`${DIST}/download/run-batch.js`);
const { runIsolatedBatch } = require(`${DIST}/download/isolation/isolated-batch.js`);
const { createDownloadNetwork } = require(`${DIST}/download/hosts/download-network.js`);
const { createImageChecker } = require(`${DIST}/images/image-checker.js`);

/** After this many stored images, another part of the process takes all remaining descriptors. */
const OCCUPY_AFTER = Number(process.env.OCCUPY_AFTER ?? Infinity);

function occupyDescriptors() {
  try {
    for (;;) fs.openSync('/dev/null');
  } catch {
    // No descriptor is left.
  }
}

// The process that waits for the result has ended.
process.once('disconnect', () => process.exit(2));
process.once('message', ({ isApart, ...job }) => {
  const checker = createImageChecker({ processes: 1, timeoutMs: 20_000 });
  const { signal } = new AbortController();
  const watch = { settled: () => undefined, hostWaits: () => undefined, ended: () => undefined };
  const network = createDownloadNetwork();
  const onProgress = ({ stored }) => stored >= OCCUPY_AFTER && occupyDescriptors();
  const fence = { assertOpen: () => undefined, openUntilMs: () => Number.MAX_SAFE_INTEGER };
  const tools = { checker, signal, fence, network, watch, onProgress };
  (isApart ? runIsolatedBatch : runBatch)({ ...job, ...tools }).then(
    (result) => process.send(result, () => process.exit(0)),
    ({ code, message }) => process.send({ code, message }, () => process.exit(1)),
  );
});
