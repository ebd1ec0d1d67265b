/** Runs one command line. */
import { startedInspector } from '../catalog/inspect/inspect-ahead';
import { endingFor } from './exit-codes';
import { createProgram } from './program';

/**
 * Runs the command and prints its error to stderr.
 *
 * @param argv as `process.argv`.
 * @returns the exit code.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram((exitCode) => (code = exitCode));
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    const ending = endingFor(error);
    if (ending.message !== '') process.stderr.write(`artemis-pipeline: ${ending.message}\n`);
    if (ending.isAtOnce === true) process.exit(ending.code);
    return ending.code;
  } finally {
    startedInspector.close();
  }
}
