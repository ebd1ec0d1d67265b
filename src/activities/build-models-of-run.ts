/** The activities of models: bound before the long steps, built in the step `aggregates`. */
import type { Config } from '../config';
import type { BindModelsResult, BuildModelsInput, BuildModelsResult } from '../contract/payloads';
import { MOST_FAILED_CHECKS, type ModelCounts } from '../contract/derived/model-counts';
import {
  buildModels,
  type BuiltModel,
  type CheckResult,
  type ModelBuild,
} from '../models/build-models';
import { readModelFiles } from '../models/read-model-files';
import { describeDerivedFile, withDerivedTarget } from './derived-target';
import { withHeartbeat } from './heartbeat';

/**
 * Builds all models. Each attempt reads the files again, so a retry uses corrected files.
 *
 * @remarks Idempotent: each attempt builds a file of its own, and the publication installs the one
 *   that is returned.
 * @throws StepError `input` without a snapshot; `model_failed` for a query that cannot be
 *   interrupted; db_*, disk_*.
 */
export function buildModelsOfRun(
  { dataRoot, database, modelSeconds }: Config,
  { runId, mayReuse = false }: BuildModelsInput,
): Promise<BuildModelsResult> {
  return withHeartbeat({
    work: (signal) =>
      withDerivedTarget({ dataRoot, kind: 'models', runId, signal }, async (target) => {
        const build = await buildModels({
          dataRoot,
          files: readModelFiles(dataRoot),
          mode: 'build',
          only: null,
          previewRows: 0,
          secondsPerModel: modelSeconds,
          database,
          origin: { runId, mayReuse },
          target,
          signal,
        });
        const found = { counts: countsOf(build), mistake: firstMistake(build) };
        if (build.isReused) return { derived: null, ...found };
        return { derived: await describeDerivedFile(dataRoot, 'models', target), ...found };
      }),
  });
}

/**
 * Binds all models and checks to the columns of the snapshot, and computes nothing. Each attempt
 * reads the files again, so a retry uses corrected files.
 *
 * @throws StepError `input` without a snapshot; `model_failed` for a query that cannot be
 *   interrupted; db_*, disk_*.
 */
export function bindModelsOfRun({
  dataRoot,
  database,
  modelSeconds,
}: Config): Promise<BindModelsResult> {
  return withHeartbeat({
    work: async (signal) => {
      const build = await buildModels({
        dataRoot,
        files: readModelFiles(dataRoot),
        mode: 'bind',
        only: null,
        previewRows: 0,
        secondsPerModel: modelSeconds,
        database,
        origin: null,
        target: null,
        signal,
      });
      return { mistake: firstMistake(build), mistakes: filesWithMistakes(build).length };
    },
  });
}

function countsOf({ models, checks }: ModelBuild): ModelCounts {
  const inState = (files: readonly { readonly state: string }[], ...states: readonly string[]) =>
    files.filter(({ state }) => states.includes(state)).length;
  const failed = checks.filter(({ state }) => state === 'failed');
  return {
    built: inState(models, 'built'),
    failed: inState(models, 'failed'),
    skipped: inState(models, 'skipped'),
    checksPassed: inState(checks, 'passed'),
    checksWarned: inState(checks, 'warned'),
    checksNotAsked: inState(checks, 'error', 'skipped'),
    checksFailed: failed.length,
    failedChecks: failed
      .slice(0, MOST_FAILED_CHECKS)
      .map(({ name, badRows }) => ({ name, badRows: badRows ?? 0 })),
  };
}

function firstMistake(build: ModelBuild): string | null {
  return filesWithMistakes(build).find(({ error }) => error !== null)?.error ?? null;
}

/** The files that have a mistake themselves, not those that need them. */
function filesWithMistakes({ models, checks }: ModelBuild): readonly (BuiltModel | CheckResult)[] {
  return [...models, ...checks].filter(({ state }) => state === 'failed' || state === 'error');
}
