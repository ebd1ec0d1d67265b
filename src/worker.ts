/** The entry point for process managers. It does the same as `artemis-pipeline worker`. */
import './workers/thread-pool';
import { createContext } from './cli/command-context';
import { worker } from './cli/commands/worker';
import { endingFor } from './cli/exit-codes';
import { QUEUE_NAMES } from './contract/task-queues';

async function main(): Promise<number> {
  try {
    const queues = process.argv.find((argument) => argument.startsWith('--queues='));
    return await worker(
      createContext({}),
      queues?.slice('--queues='.length) ?? QUEUE_NAMES.join(','),
    );
  } catch (error) {
    const { code, message, isAtOnce } = endingFor(error);
    process.stderr.write(`artemis-pipeline worker: ${message}\n`);
    if (isAtOnce === true) process.exit(code);
    return code;
  }
}

// Hides deprecation warnings of dependencies, because users cannot act on them. One example is gRPC
// when a TLS server is named by its IP address.
process.noDeprecation = true;

void main().then((code) => (process.exitCode = code));
