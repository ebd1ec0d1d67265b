/** Root: configuration → connection → workers. The same as `artemis-pipeline worker`, for process managers. */
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

// Of libraries (gRPC, when a server with TLS is named by its IP address): no user can do anything about them.
process.noDeprecation = true;

void main().then((code) => (process.exitCode = code));
