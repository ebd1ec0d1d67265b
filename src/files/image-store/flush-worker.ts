/** The thread that stores images. It flushes the groups of each store one after another. */
import { parentPort } from 'node:worker_threads';
import { StepError } from '../../contract/errors';
import { flushGroup } from './flush-group';
import type { FlushAnswer, FlushRequest } from './flush-messages';
import { ImageFolders } from './image-folders';

const foldersByRoot = new Map<string, ImageFolders>();

async function flush(request: FlushRequest & { kind: 'flush' }): Promise<FlushAnswer> {
  const { id, root, maxOpenFolders, members } = request;
  const folders = foldersByRoot.get(root) ?? new ImageFolders(root, maxOpenFolders);
  foldersByRoot.set(root, folders);
  try {
    return { id, kind: 'placed', placed: await flushGroup({ root, folders }, members) };
  } catch (error) {
    const code = error instanceof StepError ? error.code : null;
    const message = error instanceof Error ? error.message : String(error);
    return { id, kind: 'failed', code, message };
  }
}

parentPort?.on('message', (request: FlushRequest) => {
  if (request.kind === 'close') {
    foldersByRoot.get(request.root)?.close();
    foldersByRoot.delete(request.root);
  } else void flush(request).then((answer) => parentPort?.postMessage(answer));
});
