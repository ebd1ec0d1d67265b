/** The job of the process that copies views of the snapshot as tables, and its answer. */
import { z } from 'zod';

/** The relations that are views while a run downloads, and whose rows pages ask for. */
export const COPIED_RELATIONS = ['image', 'feature'] as const;
export type CopiedRelation = (typeof COPIED_RELATIONS)[number];

export const viewJob = z.strictObject({
  /** The path of the snapshot, and its id: the process reads no other publication. */
  snapshot: z.string(),
  id: z.string(),
  /** The path of the file that gets the tables. */
  copy: z.string(),
  relations: z.array(z.enum(COPIED_RELATIONS)),
});
export type ViewJob = z.infer<typeof viewJob>;

/** `replaced`: another snapshot was published before the process had opened this one. */
export const viewAnswer = z.strictObject({ kind: z.enum(['copied', 'replaced']) });
