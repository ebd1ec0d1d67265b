'use strict';
/**
 * Limits the memory of commands that run workers. V8 of Node 24 lets the young generation of a
 * 64-bit process grow to twice the size of Node 20, which costs a download process 80 MB. The
 * option for it is read when a process starts, so the process is replaced by itself with that
 * option. It keeps its id, its files and its environment.
 */

/** The largest semi-space of the young generation, in MB: the default of Node 20. */
const OPTION = '--max-semi-space-size=16';
const WORKER_COMMANDS = ['worker', 'up'];

/** Whether the user, or this module, has chosen the size. */
function isSizeGiven() {
  const options = [process.env.NODE_OPTIONS ?? '', ...process.execArgv].join(' ');
  return /--max[-_]semi[-_]space[-_]size/.test(options);
}

/** Returns in a process that has the option, or does not need it, or cannot be replaced. */
function limitMemory() {
  const words = process.argv.slice(2);
  if (!WORKER_COMMANDS.some((command) => words.includes(command)) || isSizeGiven()) return;
  // Node 20 has no such function, nor does Node on Windows. A process with a channel to its parent
  // would lose the channel.
  if (process.execve === undefined || process.platform === 'win32' || process.connected) return;
  const [node, ...rest] = process.argv;
  process.execve(node, [process.argv0, ...process.execArgv, OPTION, ...rest], process.env);
}

module.exports = { limitMemory };
