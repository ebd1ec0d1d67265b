/** The messages between the event loop and the thread that stores images. */
import type { StepCode } from '../../contract/errors';
import type { PendingMember, PlacedMember } from './flush-group';

/** Flush a group of the store of `root`, or close the folders of that store. */
export type FlushRequest =
  | {
      readonly kind: 'flush';
      readonly id: number;
      readonly root: string;
      /** The number of folders that stay open between flushes. */
      readonly maxOpenFolders: number;
      readonly members: readonly PendingMember[];
    }
  | { readonly kind: 'close'; readonly root: string };

/** `code` is that of a step error; null for any other error. */
export type FlushAnswer = { readonly id: number } & (
  | { readonly kind: 'placed'; readonly placed: readonly PlacedMember[] }
  | { readonly kind: 'failed'; readonly code: StepCode | null; readonly message: string }
);
