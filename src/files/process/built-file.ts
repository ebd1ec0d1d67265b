/** Where the files of the installed program are. */
import fs from 'node:fs';
import path from 'node:path';

/**
 * Returns the path of a file or folder below `dist/`: of a program that a thread or a child process
 * runs, or of SQL files that the build copies there. Tests run the sources, and Node can start
 * neither a thread nor a process from TypeScript, so they use the built files too.
 *
 * No other module may make a path of `__dirname`: the build puts modules of many folders into one
 * file (bin/bundle.js).
 */
export function builtFile(file: string): string {
  return packageFile(path.join('dist', file));
}

/** Returns the path of a file beside package.json. */
export function packageFile(file: string): string {
  packageFolder ??= findPackageFolder();
  return path.join(packageFolder, file);
}

let packageFolder: string | undefined;

function findPackageFolder(): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`There is no package.json above ${__dirname}.`);
    folder = above;
  }
  return folder;
}
