/** Everything that a report asks the snapshot. */
import type { ReportJob } from './report-job';
import { firstRow, numberIn, type Answer, type Ask } from './ask';
import { pictureAnswers, type PictureAnswers } from './pictures';
import {
  changesSql,
  CHECKS_SQL,
  copiesSql,
  HAS_MODELS_SQL,
  leftSql,
  MODELS_SQL,
  statesSql,
  VERSION_SQL,
  type CollectionOfRun,
} from './questions/collection-questions';
import {
  failuresSql,
  hostsSql,
  paceSql,
  rejectsSql,
  runSql,
  stepsSql,
  totalsSql,
} from './questions/run-questions';

export interface Answers {
  readonly run: Answer;
  readonly totals: Answer;
  readonly pace: Answer;
  readonly failures: Answer;
  readonly hosts: Answer;
  readonly rejects: Answer;
  readonly steps: Answer;
  readonly states: Answer;
  readonly left: Answer;
  readonly changes: Answer;
  readonly copies: Answer;
  /** Null for a snapshot without models. */
  readonly models: Answer | null;
  readonly checks: Answer | null;
}

/** Those of a report, which has pictures in it. */
export interface ReportAnswers extends Answers {
  /** Null where the step `features` was not done. */
  readonly pictures: PictureAnswers | null;
}

/** The first version of the schema with collections. */
const VERSION_OF_COLLECTIONS = 3;

export async function reportAnswers(
  { runId, collection }: Pick<ReportJob, 'runId' | 'collection'>,
  ask: Ask,
): Promise<ReportAnswers> {
  const of = await collectionOfRun({ runId, collection }, ask);
  return { ...(await answersAbout(of, ask)), pictures: await pictureAnswers(of, ask) };
}

export async function answersFor(
  { runId, collection }: Pick<ReportJob, 'runId' | 'collection'>,
  ask: Ask,
): Promise<Answers> {
  return answersAbout(await collectionOfRun({ runId, collection }, ask), ask);
}

async function answersAbout(of: CollectionOfRun, ask: Ask): Promise<Answers> {
  const { runId } = of;
  const hasModels = firstRow(await ask(HAS_MODELS_SQL))?.has === true;
  return {
    run: await ask(runSql(runId)),
    totals: await ask(totalsSql(runId)),
    pace: await ask(paceSql(runId)),
    failures: await ask(failuresSql(runId)),
    hosts: await ask(hostsSql(runId)),
    rejects: await ask(rejectsSql(runId)),
    steps: await ask(stepsSql(runId)),
    states: await ask(statesSql(of)),
    left: await ask(leftSql(of)),
    changes: await ask(changesSql(of)),
    copies: await ask(copiesSql(of)),
    models: hasModels ? await ask(MODELS_SQL) : null,
    checks: hasModels ? await ask(CHECKS_SQL) : null,
  };
}

async function collectionOfRun(
  { runId, collection }: Pick<ReportJob, 'runId' | 'collection'>,
  ask: Ask,
): Promise<CollectionOfRun> {
  const version = numberIn(firstRow(await ask(VERSION_SQL)), 'version');
  return { runId, collection, hasCollections: version >= VERSION_OF_COLLECTIONS };
}
