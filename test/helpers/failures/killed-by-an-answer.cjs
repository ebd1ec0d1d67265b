/**
 * Loaded into a worker (NODE_OPTIONS). An answer to a path that the file POISON_FILE names ends the
 * process at once and without a message, as a crash of native code would. The end of the process is
 * real, and only its cause is artificial.
 */
'use strict';
const { subscribe } = require('node:diagnostics_channel');
const fs = require('node:fs');

subscribe('undici:request:headers', ({ request }) => {
  const file = process.env.POISON_FILE;
  if (!fs.existsSync(file)) return;
  if (fs.readFileSync(file, 'utf8').split('\n').includes(request.path)) {
    process.kill(process.pid, 'SIGKILL');
    // Nothing else may happen until the signal arrives.
    for (;;);
  }
});
