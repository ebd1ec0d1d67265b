/** A download worker with one batch: runs it apart, with the environment that a test gave it, and tells the result. */
'use strict';
const { runBatchApart } = require('../../dist/download/run-batch-apart.js');

process.once('message', (job) => {
  const { signal } = new AbortController();
  runBatchApart({ ...job, signal, onProgress: () => undefined }).then(
    (result) => process.send(result, () => process.exit(0)),
    (error) => process.send({ error: String(error) }, () => process.exit(1)),
  );
});
