/**
 * Endpoints that answered, which the processes of a run share through files. A process whose own
 * lanes have only dead hosts probes them to find out whether the network works. The files are
 * written rarely and nothing depends on them: a lost file costs a wait.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Endpoint } from '../../../http/connect/probe-endpoints';

const endpointsSchema = z.array(
  z.strictObject({
    host: z.string(),
    isName: z.boolean(),
    address: z.string(),
    port: z.number(),
  }),
);

/** How many files are read. Each process writes one. */
const MOST_FILES = 8;

export class SharedEndpoints {
  private writtenCount = 0;

  /** `name` is the name of this process's file. */
  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {}

  /** Writes the file when there are twice as many endpoints as at the last write. */
  offer(known: () => readonly Endpoint[]): void {
    if (this.writtenCount >= MOST_FILES) return;
    const now = known();
    if (now.length < Math.max(1, 2 * this.writtenCount)) return;
    this.writtenCount = now.length;
    try {
      fs.mkdirSync(this.folder, { recursive: true });
      fs.writeFileSync(path.join(this.folder, this.name), JSON.stringify(now));
    } catch {
      // An error of the disk is reported by the writes that matter.
    }
  }

  async read(): Promise<readonly Endpoint[]> {
    const names = await fs.promises.readdir(this.folder).catch(() => []);
    const others = names.filter((name) => name !== this.name).slice(0, MOST_FILES);
    const lists = await Promise.all(
      others.map((name) => readEndpointsFile(path.join(this.folder, name))),
    );
    return lists.flat();
  }
}

async function readEndpointsFile(file: string): Promise<readonly Endpoint[]> {
  try {
    return endpointsSchema.parse(JSON.parse(await fs.promises.readFile(file, 'utf8')));
  } catch {
    return [];
  }
}
