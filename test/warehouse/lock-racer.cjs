/**
 * Competes for the writer lock on request: after `{dataRoot}` sends `taken` or `waiting`, after
 * `{end: true}` releases the lock and sends `ended`.
 */
const { acquireWriterLock } = require('../../dist/warehouse/writer-lock.js');

let controller;
let held;

process.on('message', ({ dataRoot, end }) => {
  if (end) return void letGo();
  controller = new AbortController();
  held = acquireWriterLock({
    dataRoot,
    onWaiting: () => process.send('waiting'),
    signal: controller.signal,
  });
  held.then(
    () => process.send('taken'),
    (error) => {
      if (!controller.signal.aborted) process.send(`failed: ${error.message}`);
    },
  );
});

async function letGo() {
  controller.abort();
  const lock = await held.catch(() => null);
  if (lock !== null) await lock.release();
  process.send('ended');
}

process.send('ready');
