/**
 * The root module of the command line: starts what takes long to start, then loads and runs the
 * command.
 */
import '../workers/thread-pool';
import { startInspector } from '../catalog/inspect/inspect-ahead';

async function main(): Promise<void> {
  // `run` looks at its catalog first. The process for that loads its modules beside this one.
  if (process.argv.includes('run')) startInspector();
  const { runCommandLine } = await import(
    /* webpackMode: "lazy", webpackChunkName: "cli/command-line" */ './command-line.js'
  );
  process.exitCode = await runCommandLine(process.argv);
}

// These warnings come from libraries (gRPC, when a server with TLS is named by its IP address), and
// users cannot do anything about them.
process.noDeprecation = true;

// A reader that closes the pipe (`| head`) is not an error of this program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void main();
