/**
 * The thread that stores images. While it gives the images of one group their names, it makes the
 * bytes of the next one durable, so that a disk whose syncs take long has always some to work on.
 */
import { parentPort } from 'node:worker_threads';
import { StepError } from '../../contract/errors';
import { placeGroup, syncGroup, type PlacedMember } from './flush-group';
import type { FlushAnswer, FlushRequest } from './flush-messages';
import { ImageFolders } from './image-folders';

interface Store {
  readonly folders: ImageFolders;
  /** Settles when the last group so far has its names, or has failed. */
  placed: Promise<unknown>;
}

const storesByRoot = new Map<string, Store>();

type GroupRequest = FlushRequest & { kind: 'flush' };

async function flush(request: GroupRequest): Promise<FlushAnswer> {
  const { id } = request;
  const store = storeOf(request);
  try {
    return { id, kind: 'placed', placed: await flushMembers(store, request) };
  } catch (error) {
    const code = error instanceof StepError ? error.code : null;
    const message = error instanceof Error ? error.message : String(error);
    return { id, kind: 'failed', code, message };
  }
}

async function flushMembers(
  store: Store,
  { root, members }: GroupRequest,
): Promise<readonly PlacedMember[]> {
  await syncGroup(members);
  const placing = store.placed.then(() => placeGroup({ root, folders: store.folders }, members));
  store.placed = placing.catch(() => undefined);
  return placing;
}

function storeOf({ root, maxOpenFolders }: GroupRequest): Store {
  const store = storesByRoot.get(root) ?? {
    folders: new ImageFolders(root, maxOpenFolders),
    placed: Promise.resolve(),
  };
  storesByRoot.set(root, store);
  return store;
}

parentPort?.on('message', (request: FlushRequest) => {
  if (request.kind === 'close') {
    storesByRoot.get(request.root)?.folders.close();
    storesByRoot.delete(request.root);
  } else void flush(request).then((answer) => parentPort?.postMessage(answer));
});
