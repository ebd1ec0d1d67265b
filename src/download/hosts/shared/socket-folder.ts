/**
 * Paths of Unix-domain sockets below a data root, whose own path may exceed the system's limit for
 * sockets.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** In bytes. `sun_path` has 108 bytes on Linux and 104 on macOS, of which the last is zero. */
const LONGEST_PATH = 103;

export interface SocketFolder {
  /** A path for the socket of this name that is short enough. It is valid in this process only. */
  pathOf(name: string): string;
  close(): void;
}

/** @throws errors of the file system. */
export function openSocketFolder(folder: string): SocketFolder {
  fs.mkdirSync(folder, { recursive: true });
  let descriptor: number | null = null;
  const pathOf = (name: string): string => {
    if (process.platform === 'win32') return `\\\\.\\pipe\\artemis-${hashOf(folder)}-${name}`;
    const file = path.join(folder, name);
    if (Buffer.byteLength(file) <= LONGEST_PATH) return file;
    if (process.platform !== 'linux') return path.join(temporaryFolder(folder), name);
    descriptor ??= fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    return `/proc/self/fd/${descriptor}/${name}`;
  };
  return {
    pathOf,
    close: () => {
      if (descriptor !== null) fs.closeSync(descriptor);
      descriptor = null;
    },
  };
}

function temporaryFolder(folder: string): string {
  const short = path.join(os.tmpdir(), `artemis-${hashOf(folder)}`);
  fs.mkdirSync(short, { recursive: true, mode: 0o700 });
  return short;
}

function hashOf(folder: string): string {
  return createHash('sha256').update(fs.realpathSync(folder)).digest('hex').slice(0, 12);
}
