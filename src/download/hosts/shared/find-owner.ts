/**
 * Connects this process to the owner of the shared budgets, or makes it the owner if there is none.
 */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { dataRootPaths } from '../../../files/data-root';
import { toOwner } from './budget-messages';
import type { BudgetOwner } from './budget-owner';
import { LocalOwner } from './local-owner';
import { connectMessages, serveMessages, type MessageSocket } from './message-socket';
import type { OwnerLink } from './owner-link';
import { latestMarker, latestNumber, socketName, takeOver, type OwnerMarker } from './owner-marker';
import { RemoteOwner } from './remote-owner';
import { openSocketFolder, type SocketFolder } from './socket-folder';
import { errorCode } from '../../../files/error-code';

/** Errors of a connection to an owner that has died. */
const DEAD_OWNER_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
]);

/** The number of attempts in which another process may be faster to take over. */
const MOST_ATTEMPTS = 20;

/**
 * Finds or becomes the owner.
 *
 * @param lost the number of an owner that no longer answers; 0 for none.
 * @throws errors of the file system and of sockets, which mean that there can be no owner here.
 */
export async function findOwner(root: string, lost: number): Promise<OwnerLink> {
  const folder = openSocketFolder(dataRootPaths(root).lease);
  try {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const marker = latestMarker(root);
      const link =
        (await connectTo(folder, marker, lost)) ?? (await becomeOwner(root, folder, marker));
      if (link !== null) return link;
      await delay(Math.random() * 50);
    }
    throw new Error('no process became the owner of the shared budgets');
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** @returns null when the owner is dead or stopped. */
async function connectTo(
  folder: SocketFolder,
  marker: OwnerMarker | null,
  lost: number,
): Promise<OwnerLink | null> {
  if (marker === null || marker.number <= lost || marker.socket === '') return null;
  try {
    const socket = await connectMessages(folder.pathOf(marker.socket));
    const onClose = (): void => {
      folder.close();
    };
    const link = new RemoteOwner({ socket, number: marker.number, onClose });
    return (await link.welcomed()) ? link : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && DEAD_OWNER_CODES.has(code)) return null;
    throw error;
  }
}

/** @returns null when another process was faster. */
async function becomeOwner(
  root: string,
  folder: SocketFolder,
  after: OwnerMarker | null,
): Promise<OwnerLink | null> {
  const name = socketName();
  // No process knows the name of the socket before it is in the marker.
  let owner: BudgetOwner | null = null;
  const server = await serveMessages(folder.pathOf(name), (socket) => {
    if (owner === null) socket.close();
    else servePeer(owner, socket);
  });
  let number: number | null = null;
  try {
    number = takeOver(root, after, name);
  } finally {
    if (number === null) server.close();
  }
  if (number === null) return null;
  if (after !== null) removeSocket(folder, after.socket);
  const own = number;
  const link = new LocalOwner({
    number,
    isOwner: () => isLatestOwner(root, own),
    onClose: () => {
      server.close();
      folder.close();
    },
  });
  owner = link.owner;
  return link;
}

function servePeer(owner: BudgetOwner, socket: MessageSocket): void {
  const peer = owner.join((message) => {
    socket.send(message);
  });
  socket.listen(
    (message) => {
      peer.receive(toOwner.parse(message));
    },
    () => {
      peer.leave();
    },
  );
}

/** When the folder is missing, no other process can have taken over. */
function isLatestOwner(root: string, number: number): boolean {
  try {
    return latestNumber(root) === number;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

/** Removes the socket of a dead owner. On Windows a pipe disappears with its process. */
function removeSocket(folder: SocketFolder, name: string): void {
  if (name === '' || process.platform === 'win32') return;
  try {
    fs.rmSync(folder.pathOf(name), { force: true });
  } catch {
    // A socket file that remains has no effect.
  }
}
