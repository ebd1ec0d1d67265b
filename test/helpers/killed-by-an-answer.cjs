/**
 * Loaded into a worker (NODE_OPTIONS): an answer to a path that the file POISON_FILE names ends the process as a crash of native
 * code would, at once and without a word. What it ends is real; only the reason is made.
 */
'use strict';
const { subscribe } = require('node:diagnostics_channel');
const fs = require('node:fs');

subscribe('undici:request:headers', ({ request }) => {
  const file = process.env.POISON_FILE;
  if (!fs.existsSync(file)) return;
  if (fs.readFileSync(file, 'utf8').split('\n').includes(request.path)) {
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way: nothing else may happen until it is here.
    for (;;);
  }
});
