/** Connects this process to the owner of the shared budgets, or makes it the owner when there is none. */
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

/** Errors of a connection to an owner that has died. */
const DEAD: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE']);

/** Another process is faster to take over at most so often. */
const MOST_ATTEMPTS = 20;

/**
 * `lost`: the number of an owner that does not answer any more; 0 for none.
 *
 * @throws errors of the file system and of sockets: there can be no owner here.
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

/** @returns null when the owner is dead, or stopped. */
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
    if (code !== undefined && DEAD.has(code)) return null;
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
  // Nobody knows the name before the marker has it.
  let owner: BudgetOwner | null = null;
  const server = await serveMessages(folder.pathOf(name), (socket) => {
    if (owner === null) socket.close();
    else serve(owner, socket);
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
    isOwner: () => isLatest(root, own),
    onClose: () => {
      server.close();
      folder.close();
    },
  });
  owner = link.owner;
  return link;
}

function serve(owner: BudgetOwner, socket: MessageSocket): void {
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

/** Without the folder nobody can have taken over. */
function isLatest(root: string, number: number): boolean {
  try {
    return latestNumber(root) === number;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** A pipe of Windows goes with its process. */
function removeSocket(folder: SocketFolder, name: string): void {
  if (name === '' || process.platform === 'win32') return;
  try {
    fs.rmSync(folder.pathOf(name), { force: true });
  } catch {
    // It is in nobody's way.
  }
}
