/** Ledgers of features: `runs/<runId>/features/ledger/<lane>/<execution>.ndjson`. */
import path from 'node:path';
import { z } from 'zod';
import {
  COLOUR_WORDS,
  FEATURE_CODES,
  type PictureMetadata,
  type FeatureLine,
} from '../../contract/features/feature';
import { runPaths } from '../data-root';
import { parseJson } from '../parse-json';
import { linesOfFeatureLane, type LaneLedgers } from './ledger-reader';
import { createLedger, type LedgerWriter } from './ledger-writer';

/** A lane of features in one run. */
export interface FeatureLedgerPlace {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
}

/**
 * Creates the ledger of one attempt of a batch, which must not exist.
 *
 * @throws StepError disk_*.
 */
export function openFeatureLedger(
  { root, runId, lane }: FeatureLedgerPlace,
  execution: string,
): LedgerWriter<FeatureLine> {
  return createLedger(path.join(runPaths(root, runId).featureLedger, lane), execution);
}

const values = z.object({
  phash: z.string().regex(/^[0-9a-f]{16}$/),
  pdq: z.string().regex(/^[0-9a-f]{64}$/),
  pdqQuality: z.int(),
  brightness: z.number(),
  contrast: z.number(),
  entropy: z.number(),
  sharpness: z.number(),
  colourfulness: z.number(),
  grey: z.number(),
  transparent: z.number(),
  border: z.number(),
  palette: z.array(z.object({ l: z.number(), a: z.number(), b: z.number(), share: z.number() })),
  colour: z.enum(COLOUR_WORDS),
  placeholder: z.base64(),
  look: z.base64(),
  // Lines of version 1 have neither.
  takenAt: z.string().nullable().default(null),
  metadata: z.custom<PictureMetadata>(isObject).nullable().default(null),
});

/** Fields that a later program adds are kept. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const featureLine: z.ZodType<FeatureLine> = z.object({
  v: z.literal(1),
  sha256: z.string(),
  version: z.int(),
  outcome: z.enum(['computed', 'failed']),
  code: z.enum(FEATURE_CODES).nullable(),
  detail: z.string().nullable(),
  values: values.nullable(),
  lane: z.string(),
  execution: z.string(),
  dispatch: z.int(),
  attempt: z.int(),
  at: z.string(),
});

/** Parses one line. Returns null if it is not one of a feature ledger. */
export function parseFeatureLine(text: string): FeatureLine | null {
  return parseJson(featureLine, text);
}

/**
 * The sha256 of the lane's lines.
 *
 * @throws errors of the file system.
 */
export async function recordedInLane(lane: LaneLedgers): Promise<ReadonlySet<string>> {
  const recorded = new Set<string>();
  for await (const { sha256 } of linesOfFeatureLane(lane, parseFeatureLine)) recorded.add(sha256);
  return recorded;
}
