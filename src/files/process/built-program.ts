/** Where the programs of threads and child processes are. */
import path from 'node:path';

/**
 * Returns the path of a compiled file below `dist/`. Tests run the sources, and Node can start
 * neither a thread nor a process from TypeScript, so they start the compiled file too.
 */
export function builtProgram(file: string): string {
  const isSource = __filename.endsWith('.ts');
  const dist = isSource ? path.join(__dirname, '../../../dist') : path.join(__dirname, '../..');
  return path.join(dist, file);
}
