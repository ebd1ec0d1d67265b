/** Takes the writer lock of a data root (argument) and keeps it until it is killed; notes its pid in `log` if there is one. */
const fs = require('node:fs');
const path = require('node:path');
const { acquireWriterLock } = require('../../dist/warehouse/writer-lock.js');

const [, , dataRoot] = process.argv;
const log = path.join(dataRoot, 'log');

void acquireWriterLock({
  dataRoot,
  onWaiting: () => process.send('waiting'),
  signal: new AbortController().signal,
}).then((lock) => {
  // Held by this reference, for the life of the process.
  setInterval(() => lock, 1_000);
  if (fs.existsSync(log)) fs.appendFileSync(log, `${process.pid}\n`);
  process.send('taken');
});
