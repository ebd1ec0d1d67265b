/** The root module of the command line: runs the command and ends with its exit code. */
import '../workers/thread-pool';
import { startedInspector, startInspector } from '../catalog/inspect/inspect-ahead';
import { endingFor } from './exit-codes';
import { withSqlAsOperand } from './sql-operand';

async function main(): Promise<void> {
  let code = 0;
  // `run` looks at its catalog first. The process for that starts before the commands are loaded.
  if (process.argv.includes('run')) startInspector();
  const { createProgram } = await import('./program.js');
  const program = createProgram((exitCode) => (code = exitCode));
  try {
    await program.parseAsync(withSqlAsOperand(process.argv));
  } catch (error) {
    const ending = endingFor(error);
    code = ending.code;
    if (ending.message !== '') process.stderr.write(`artemis-pipeline: ${ending.message}\n`);
    if (ending.isAtOnce === true) process.exit(code);
  } finally {
    startedInspector.close();
  }
  process.exitCode = code;
}

// These warnings come from libraries (gRPC, when a server with TLS is named by its IP address), and
// users cannot do anything about them.
process.noDeprecation = true;

// A reader that closes the pipe (`| head`) is not an error of this program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void main();
