/**
 * The moments at which requests passed through the loopback device, by the kernel's clock: an
 * origin that is busy sees requests late, and several at once. Only root with tcpdump can look.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The first four bytes after the TCP header are `GET `. */
const IS_GET = 'tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420';

export class PacketCapture {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static isPossible(): boolean {
    try {
      execFileSync('tcpdump', ['--version'], { stdio: 'ignore' });
      return process.getuid?.() === 0;
    } catch {
      return false;
    }
  }

  /** Records the GET requests to a port of loopback from now on. */
  static async of(port: number): Promise<PacketCapture> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-capture-'));
    const options = ['-i', 'lo', '-n', '-U', '-Z', 'root', '-w', path.join(folder, 'packets')];
    const child = spawn('tcpdump', [...options, `tcp dst port ${port} and ${IS_GET}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // It says that it listens.
    await once(child.stderr, 'data');
    return new PacketCapture(folder, child);
  }

  /** Ends the capture. @returns the times of the requests, in ascending order, in seconds. */
  async end(): Promise<readonly number[]> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await exited;
    const read = ['-r', path.join(this.folder, 'packets'), '-n', '-tt', '-q'];
    const text = execFileSync('tcpdump', read, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    fs.rmSync(this.folder, { recursive: true });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number(line.split(' ')[0]));
  }
}

/** The most requests within any window of one second. */
export function mostInOneSecond(times: readonly number[]): number {
  let most = 0;
  for (let [from, to] = [0, 0]; to < times.length; to += 1) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= 1) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
