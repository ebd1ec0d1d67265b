/**
 * Starts the demo's origin in a process of its own, on the port that it had before if that is free.
 */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ensureDirectory } from '../files/directories';
import { builtFile } from '../files/process/built-file';

export interface RunningOrigin {
  readonly port: number;
  stop(): void;
}

const portFileSchema = z.object({ port: z.number().int() });
const messageSchema = z.union([z.object({ port: z.number() }), z.object({ error: z.string() })]);

/**
 * Starts the origin. The port is part of every URL, so another port would make every image a new
 * one.
 *
 * @throws an Error when no port is free.
 */
export async function startOrigin(dataRoot: string): Promise<RunningOrigin> {
  ensureDirectory(dataRoot);
  const file = path.join(dataRoot, 'demo.json');
  const before = readPort(file);
  const origin = (await launch(before, dataRoot)) ?? (await launch(0, dataRoot));
  if (origin === null) throw new Error('the demo’s origin found no port on 127.0.0.1');
  fs.writeFileSync(file, `${JSON.stringify({ port: origin.port })}\n`);
  return origin;
}

function readPort(file: string): number {
  if (!fs.existsSync(file)) return 0;
  return portFileSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))).port;
}

/** @returns null when the port is in use. */
function launch(port: number, dataRoot: string): Promise<RunningOrigin | null> {
  const script = builtFile('demo/origin-process.js');
  const child = fork(script, [String(port), path.join(dataRoot, 'origin.log')]);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      resolve(null);
    });
    child.once('message', (received) => {
      const started = messageSchema.parse(received);
      if (!('port' in started)) return;
      resolve({
        port: started.port,
        stop: () => {
          if (child.connected) child.disconnect();
        },
      });
    });
  });
}
