/**
 * Acquires the writer lock of a data root (argument) and keeps it until the process is killed.
 * Appends its pid to `log` if that file exists.
 */
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
  // This reference keeps the lock as long as the process runs.
  setInterval(() => lock, 1_000);
  if (fs.existsSync(log)) fs.appendFileSync(log, `${process.pid}\n`);
  process.send('taken');
});
