/**
 * Compares docs/reference/temporal.md with the names that workflows register and the types of
 * payloads.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as operator from '../../src/contract/operator';
import { QUEUE_NAMES, taskQueues } from '../../src/contract/task-queues';
import * as workflows from '../../src/workflows';
import { STEERING_UPDATES } from '../../src/workflows/operators/steering-updates';
import { STEP_UPDATES } from '../../src/workflows/operators/step-updates';
import { ACTIVITIES_BY_QUEUE } from '../helpers/runs/activity-types';
import { codesIn, namesOf, readReferencePage } from './reference-page';
import { SourceTypes } from './source-types';

const page = readReferencePage('temporal.md');
const SRC = path.join(__dirname, '../../src');
const PAYLOADS = 'contract/payloads.ts';
const FEATURES = 'contract/features/feature-payloads.ts';
const EMBEDDINGS = 'contract/embeddings/embedding.ts';
const types = new SourceTypes([
  PAYLOADS,
  FEATURES,
  'contract/features/feature-workflow.ts',
  'contract/download-workflow.ts',
  'contract/obstacle.ts',
  'contract/run-record.ts',
  'activities/interceptors/failure-counters.ts',
  'download/batch-options.ts',
  'features/run-feature-batch.ts',
]);

/** The values of the exported constants whose names have this prefix. */
function constants(prefix: string): readonly string[] {
  const values = Object.entries(operator).filter(([name]) => name.startsWith(prefix));
  return values.flatMap(([, value]) => (typeof value === 'string' ? [value] : [])).sort();
}

/**
 * The names with which workflows call `defineUpdate`, `defineQuery` or `defineSignal`, each once.
 * An argument that is not a constant of `src/contract/operator.ts` is returned as it is written.
 */
function definedBy(definition: string): readonly string[] {
  const call = new RegExp(`= ${definition}(?:<[^]*?>)?\\(\\s*([^,)\\s]+)`, 'g');
  const files = fs.readdirSync(path.join(SRC, 'workflows'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => fs.readFileSync(path.join(SRC, 'workflows', file), 'utf8'));
  const nameOf = (constant: string): string => {
    const value = Object.entries(operator).find(([name]) => name === constant)?.[1];
    return typeof value === 'string' ? value : constant;
  };
  const calls = texts.flatMap((text) => [...text.matchAll(call)]);
  return sorted([...new Set(calls.map(([, argument = '']) => nameOf(argument)))]);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}

describe('the reference of Temporal', () => {
  it('lists every workflow type, and no other', () => {
    expect(sorted(namesOf(page.table('Workflow types')))).toEqual(Object.keys(workflows).sort());
  });

  it('lists every task queue, and no other', () => {
    const queues = taskQueues('artemis');
    const names = QUEUE_NAMES.map((name) => queues[name]);
    expect(namesOf(page.table('Task queues'))).toEqual(names);
  });

  it('lists every update that a run takes, and no other', () => {
    const registered = [...STEP_UPDATES, ...STEERING_UPDATES];
    expect(namesOf(page.table('Updates'))).toEqual(registered);
    expect(sorted(registered)).toEqual(constants('UPDATE_'));
    expect(definedBy('defineUpdate')).toEqual(constants('UPDATE_'));
  });

  it.each(page.table('Updates'))('gives the argument of $Update as its description does', (row) => {
    const [argument] = codesIn(row.Argument ?? '');
    if (argument === undefined) expect(row.Argument).toBe('none');
    else
      expect(
        execFileSync('grep', ['-rlF', argument, path.join(SRC, 'workflows')], { encoding: 'utf8' }),
      ).toMatch(/(step|steering)-updates\.ts/);
  });

  it('lists every query, and no other', () => {
    expect(namesOf(page.table('Queries'))).toEqual(constants('QUERY_'));
    expect(definedBy('defineQuery')).toEqual(constants('QUERY_'));
  });

  it('lists every signal, and no other', () => {
    expect(sorted(namesOf(page.table('Signals')))).toEqual(constants('SIGNAL_'));
    // A child signals its parent by a parameter, `signal`, which is one of these.
    expect(definedBy('defineSignal')).toEqual(sorted([...constants('SIGNAL_'), 'signal']));
  });

  it('lists every search attribute with its type, and no other', () => {
    const listed = page.table('Search attributes').map((row) => [namesOf([row])[0], row.Type]);
    expect(listed.map(([name, type]) => [name, type?.toUpperCase()])).toEqual(
      operator.SEARCH_ATTRIBUTES.map(({ name, type }) => [name, type]),
    );
  });

  it('states that no memo is set, as in the code', () => {
    expect(page.section('Memo and details')).toContain('No memo is set.');
    const search = ['-rlE', '\\bmemo:|upsertMemo', SRC];
    expect(() => execFileSync('grep', search, { stdio: 'pipe' })).toThrow();
  });

  it('lists every activity that workers register, with its queue, and no other', () => {
    const rows = page.table('Activities');
    const listed = rows.map((row) => `${namesOf([row]).join(' ')} on ${row.Queue ?? ''}`);
    const registered = ACTIVITIES_BY_QUEUE.flatMap(([queue, names]) =>
      names.map((name) => `${name} on ${queue}`),
    );
    expect(sorted(listed)).toEqual(sorted(registered));
  });

  it.each(page.table('Activities'))('lists what $Activity takes and returns', (row) => {
    const [name = ''] = namesOf([row]);
    const type = name.slice(0, 1).toUpperCase() + name.slice(1);
    const ownPayloads = /embedding/i.test(name) ? EMBEDDINGS : PAYLOADS;
    const payloads = /feature/i.test(name) ? FEATURES : ownPayloads;
    const file = name === 'findObstacle' ? 'contract/obstacle.ts' : payloads;
    const takes =
      name === 'recordRun' ? ['warehouseId', 'record'] : types.namesOf(file, `${type}Input`);
    expect(sorted(codesIn(row.Takes ?? ''))).toEqual(sorted(takes));
    const returns = codesIn(row.Returns ?? '');
    if (returns.length > 0)
      expect(sorted(returns)).toEqual(sorted(types.namesOf(payloads, `${type}Result`)));
  });

  it.each([
    ['States of a run', 'contract/run-record.ts', 'RunState'],
    ['States of a step', 'contract/run-record.ts', 'StepState'],
    ['Kinds of obstacles', 'contract/obstacle.ts', 'ObstacleKind'],
  ])('lists every value below "%s", and no other', (heading, file, type) => {
    expect(sorted(namesOf(page.table(heading)))).toEqual(sorted(types.literalsOf(file, type)));
  });

  it.each([
    ['Obstacles', 'contract/obstacle.ts', 'Obstacle'],
    ['FeatureProgress', 'contract/features/feature-workflow.ts', 'FeatureProgress'],
    ['Input of computeFeatures', 'contract/features/feature-workflow.ts', 'ComputeFeaturesInput'],
    ['DownloadProgress', 'contract/download-workflow.ts', 'DownloadProgress'],
    ['DownloadSteering', 'contract/download-workflow.ts', 'DownloadSteering'],
    ['Input of downloadImages', 'contract/download-workflow.ts', 'DownloadImagesInput'],
    ['Cursor', 'contract/download-workflow.ts', 'DownloadCursor'],
  ])('lists every field below "%s", and no other', (heading, file, type) => {
    expect(sorted(namesOf(page.table(heading)))).toEqual(sorted(types.namesOf(file, type)));
  });

  it('lists every field of heartbeat details', () => {
    const counters = types.namesOf(
      'activities/interceptors/failure-counters.ts',
      'FailureCounters',
    );
    const parsed = types.namesOf('contract/run-record.ts', 'IngestProgress');
    const counts = new Set([
      ...types.namesOf('download/batch-options.ts', 'BatchCounts'),
      ...types.namesOf('features/run-feature-batch.ts', 'FeatureCounts'),
    ]);
    const listed = namesOf(page.table('Heartbeat details'));
    expect(sorted(listed)).toEqual(sorted([...counters, ...parsed, ...counts]));
  });

  it('lists every field of Tuning', () => {
    const [row] = page.table('Input of downloadImages').filter((one) => one.Field === '`tuning`');
    expect(codesIn(row?.Meaning ?? '')).toEqual(types.namesOf(PAYLOADS, 'Tuning'));
  });
});
