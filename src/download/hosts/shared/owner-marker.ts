/**
 * Which process owns the shared budgets: numbered files in `lease/`, of which the highest names the
 * owner's socket. A process takes over by creating the file with the next number, which only one
 * process can do. Each machine has its own numbers, because sockets do not reach other machines.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../../../files/data-root';
import { linkUnlessTaken } from '../../../files/link-or-copy';
import { tempName } from '../../../files/temp-names';
import { errorCode } from '../../../files/error-code';

const schema = z.strictObject({ v: z.literal(1), socket: z.string() });

export interface OwnerMarker {
  readonly number: number;
  /**
   * The file name of the socket; empty when the marker is missing, or was damaged by a loss of
   * power.
   */
  readonly socket: string;
}

const MACHINE = createHash('sha256').update(machineId()).digest('hex').slice(0, 8);
const PREFIX = `permits-${MACHINE}.`;

/**
 * @returns null when no process ever owned the budgets.
 * @throws errors of the file system, because an owner whose marker cannot be read may be alive.
 */
export function latestMarker(root: string): OwnerMarker | null {
  const number = latestNumber(root);
  if (number === 0) return null;
  try {
    const text = fs.readFileSync(markerFile(root, number), 'utf8');
    return { number, socket: schema.parse(JSON.parse(text)).socket };
  } catch (error) {
    if (isGoneOrTorn(error)) return { number, socket: '' };
    throw error;
  }
}

/**
 * Any other error (EMFILE, EIO) gives no evidence about the owner. Taking over from a live owner
 * would give its hosts two budgets.
 */
function isGoneOrTorn(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof z.ZodError) return true;
  return errorCode(error) === 'ENOENT';
}

export function latestNumber(root: string): number {
  const numbers = fs
    .readdirSync(dataRootPaths(root).lease)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => Number.parseInt(name.slice(PREFIX.length), 10));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number)));
}

/**
 * Takes over from `after`, which has ended, and removes its marker.
 *
 * @returns the new number; null when another process was faster.
 */
export function takeOver(root: string, after: OwnerMarker | null, socket: string): number | null {
  const { tmp } = dataRootPaths(root);
  fs.mkdirSync(tmp, { recursive: true });
  const number = (after?.number ?? 0) + 1;
  const temp = path.join(tmp, tempName('permits'));
  fs.writeFileSync(temp, JSON.stringify({ v: 1, socket }), { flag: 'wx' });
  try {
    if (!linkUnlessTaken(temp, markerFile(root, number))) return null;
    if (after !== null) fs.rmSync(markerFile(root, after.number), { force: true });
    return number;
  } finally {
    fs.rmSync(temp, { force: true });
  }
}

/** @returns a name for the socket of this process that no other process uses. */
export function socketName(): string {
  return `${tempName('permits')}.sock`;
}

function markerFile(root: string, number: number): string {
  return path.join(dataRootPaths(root).lease, `${PREFIX}${String(number).padStart(8, '0')}.json`);
}

/** Two containers on one kernel are one machine, as far as sockets are concerned. */
function machineId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return os.hostname();
  }
}
