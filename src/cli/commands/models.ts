/** `models check` and `models build`: the models over the present snapshot, without a run. */
import fs from 'node:fs';
import { closestName } from '../../catalog/closest-name';
import { artemisCommand } from '../../contract/commands/printed-command';
import { dataRootPaths } from '../../files/data-root';
import {
  buildModels,
  checkModelNames,
  type ModelBuild,
  type ModelFile,
} from '../../models/build-models';
import { readModelFiles } from '../../models/read-model-files';
import { NoSnapshot } from '../../warehouse/snapshot/no-snapshot';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { buildText, checkText, mistakesIn } from '../models-text';
import { UsageError } from '../usage-error';

export interface ModelsOptions {
  readonly action: 'check' | 'build';
  /** Models and checks, which are built with what they need; empty: all. */
  readonly names: readonly string[];
  /** How many rows of each table are shown. */
  readonly rows: string;
}

/** @throws NoSnapshot; UsageError; StepError db_*, disk_*. */
export async function models(
  { config, terminal }: CommandContext,
  { action, names, rows }: ModelsOptions,
): Promise<ExitCode> {
  const { dataRoot, database, modelSeconds } = config;
  const previewRows = numberOfRows(rows);
  const files = readModelFiles(dataRoot);
  refuseUnknownNames(names, files);
  const only = names.length === 0 ? null : names;
  const hasSnapshot = fs.existsSync(dataRootPaths(dataRoot).snapshot);
  if (!hasSnapshot && action === 'build') throw noSnapshot(dataRoot);
  if (!hasSnapshot) terminal.say('There is no snapshot yet: names are checked, columns are not.');
  const secondsPerModel = modelSeconds;
  const options = { dataRoot, files, database, previewRows, secondsPerModel, only };
  const build = hasSnapshot
    ? await buildModels({ ...options, mode: action, origin: null, target: null })
    : await checkModelNames(options);
  terminal.data(action === 'check' ? checkText(build) : buildText(build));
  const mistakes = mistakesIn(build);
  for (const mistake of mistakes) terminal.say(mistake);
  return exitCode(build, mistakes);
}

function exitCode({ checks }: ModelBuild, mistakes: readonly string[]): ExitCode {
  if (mistakes.length > 0) return EXIT.usage;
  return checks.some(({ state }) => state === 'failed') ? EXIT.someFailed : EXIT.fine;
}

function numberOfRows(given: string): number {
  if (/^\d{1,4}$/.test(given)) return Number(given);
  throw new UsageError(`--rows ${JSON.stringify(given)} is no whole number from 0 to 9999`);
}

function refuseUnknownNames(names: readonly string[], files: readonly ModelFile[]): void {
  const known = files.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const closest = closestName(unknown, known);
  throw new UsageError(
    `there is no model or check ${JSON.stringify(unknown)}${closest === null ? '' : `: is it ${closest}?`} There are ${known.join(', ')}`,
  );
}

function noSnapshot(dataRoot: string): NoSnapshot {
  return new NoSnapshot(
    `There is no snapshot to build models of below ${dataRoot} yet: it appears with the first commit of a run. Start one with "${artemisCommand('run CATALOG', dataRoot)}", or name another data root with --data.`,
  );
}
