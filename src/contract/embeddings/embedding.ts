/** Embeddings: the numbers that a model, which a user brings, computes of the pixels of a file. */
import type { DerivedFile } from '../derived/derived-file';
import type { FeatureCode } from '../features/feature';
import type { RunRef } from '../run-ref';

/**
 * The most numbers of a published embedding. Longer ones are projected, because every publication
 * copies the table.
 */
export const PUBLISHED_LENGTH = 64;

/**
 * The version of how a file becomes the pixels that a model gets. It rises when their values
 * change, and the next run with the step computes all files again.
 */
export const PIXELS_VERSION = 2;

/** The model of a run, which its worker finds when the run opens. */
export interface EmbeddingModel {
  /** As the file with the settings of the model gives it. */
  readonly name: string;
  /**
   * The SHA-256 of the bytes of the ONNX file, those of its settings, and `pixels` with
   * {@link PIXELS_VERSION} (such as `pixels 2`), in hex.
   */
  readonly version: string;
}

/** Numbers of files (distinct sha256). */
export interface EmbeddingCounts {
  /** The name of the model. */
  readonly model: string;
  /** Stored files with an embedding. */
  readonly files: number;
  /** Of these, the files that this run computed. */
  readonly computed: number;
  /** Stored files without an embedding ({@link EmbeddingCode}). */
  readonly failed: number;
}

/** For example `120 files by efficientnet-lite0 (12 computed, 1 failed)`. */
export function embeddingsSentence({ model, files, computed, failed }: EmbeddingCounts): string {
  return `${files} ${files === 1 ? 'file' : 'files'} by ${model} (${computed} computed, ${failed} failed)`;
}

// ---- queue: plan -------------------------------------------------------------------------------

/** One stretch of the stored files in the order of their sha256. */
export interface ComputeEmbeddingsInput extends RunRef {
  /** Of the model with which the run began. */
  readonly version: string;
  /** The sha256 after which this stretch starts; null for the first. */
  readonly after: string | null;
  /** The seconds after which the stretch ends. */
  readonly timeBoxSeconds: number;
}

export interface ComputeEmbeddingsResult {
  /** Files whose embeddings were computed. */
  readonly computed: number;
  /** Files that the next stretches compute. */
  readonly left: number;
  /** The sha256 after which the next stretch starts; null: at the first file. */
  readonly next: string | null;
  /** What all stretches made; null when another stretch must follow. */
  readonly whole: WholeEmbeddings | null;
}

export interface WholeEmbeddings extends Pick<EmbeddingCounts, 'files' | 'failed'> {
  /**
   * The table, which the next publication installs; null when the snapshot has that of the same
   * input.
   */
  readonly derived: DerivedFile | null;
}

/** Why a file has no embedding: as for features, or because of what the model gave. */
export type EmbeddingCode = FeatureCode | 'model_output';
