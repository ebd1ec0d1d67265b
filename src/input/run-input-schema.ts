/**
 * Checks the input of `runPipeline`. Every refusal names the field, its value and what is accepted.
 */
import { z } from 'zod';
import { COLLECTION_NAME, COLLECTION_NAME_RULE } from '../contract/catalog/collection-name';
import { StepError } from '../contract/errors';
import {
  CATALOG_FORMATS,
  ID_SOURCES,
  DEFAULT_STEPS,
  OPAQUE_KINDS,
  STEP_NAMES,
  type CatalogShape,
  type ResolvedInput,
} from '../contract/run-input';
import { shapeProblem } from './shape-problem';
import { formatFromName } from './format-from-name';

const hostBudget = z.strictObject({
  connections: z.number().int().positive(),
  requestsPerSecond: z.number().positive(),
});

const columnNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const DEFAULT_BUDGET = { connections: 8, requestsPerSecond: 20 };

/** The input as users write it. docs/reference/input.md describes each field. */
export const runInputSchema = z.strictObject({
  catalog: z.string().min(1),
  collection: z.string().regex(COLLECTION_NAME, COLLECTION_NAME_RULE).optional(),
  replace: z.boolean().optional(),
  columns: z.strictObject({ id: columnNames.optional(), url: columnNames.optional() }).optional(),
  format: z.enum(CATALOG_FORMATS).optional(),
  many: z.boolean().optional(),
  idFrom: z.enum(ID_SOURCES).optional(),
  header: z.boolean().optional(),
  urlSeparator: z.string().optional(),
  urlTemplate: z.string().min(1).optional(),
  baseUrl: z.string().min(1).optional(),
  records: z.string().min(1).optional(),
  integerIds: z.boolean().optional(),
  member: z.string().min(1).optional(),
  imageSize: z.string().min(1).optional(),
  encoding: z.string().refine(isEncoding, 'is no encoding that the WHATWG names').optional(),
  delimiter: z.string().length(1).optional(),
  quote: z.string().max(1).optional(),
  escape: z.string().max(1).optional(),
  steps: z.array(z.enum(STEP_NAMES)).min(1).optional(),
  select: z.enum(['pending', 'failed', 'all']).optional(),
  limit: z.number().int().positive().optional(),
  only: z.string().min(1).optional(),
  verify: z.enum(['decode', 'signature']).optional(),
  keep: z.array(z.enum(OPAQUE_KINDS)).min(1).optional(),
  hosts: z.record(z.string().min(1), hostBudget).optional(),
  limits: z
    .strictObject({
      bytesPerFile: z.number().int().positive().optional(),
      secondsPerFile: z.number().positive().optional(),
      pixels: z.number().int().positive().optional(),
      attempts: z.number().int().positive().optional(),
    })
    .optional(),
  maxRemoved: z.number().min(0).max(1).optional(),
  onStepFailure: z.enum(['park', 'fail']).optional(),
  parkTimeout: z.number().positive().optional(),
  publishEvery: z.number().nonnegative().optional(),
});

/**
 * The longest input, in UTF-16 units of JSON. The input is part of every history of the run and of
 * several of its payloads, and Temporal limits a payload to 2 MiB.
 */
const LONGEST_INPUT = 65_536;

/** The most validation errors that one refusal reports. */
const ISSUES_NAMED = 5;

/**
 * Checks the input and fills in its defaults.
 *
 * @throws StepError `input` that names the field.
 */
export function parseRunInput(input: unknown): ResolvedInput {
  refuseTooLong(input);
  const parsed = runInputSchema.safeParse(input);
  if (!parsed.success) throw new StepError('input', describe(parsed.error, input));
  const given = parsed.data;
  const format = given.format ?? formatFromName(given.member ?? given.catalog);
  const problem = shapeProblem(given, format);
  if (problem !== null)
    throw new StepError(
      'input',
      `The input cannot be used. ${problem} Correct it and start again.`,
    );
  return {
    catalog: given.catalog,
    ...dropUndefined({ collection: given.collection }),
    ...(given.replace === true ? { replace: true } : {}),
    columns: { id: given.columns?.id ?? 'id', url: given.columns?.url ?? 'url' },
    format,
    ...shapeOf(given, format),
    encoding: given.encoding ?? 'utf-8',
    delimiter: given.delimiter ?? null,
    ...dropUndefined({ quote: given.quote, escape: given.escape }),
    steps: inOrder(STEP_NAMES, given.steps ?? DEFAULT_STEPS),
    select: given.select ?? 'pending',
    limit: given.limit ?? null,
    only: given.only ?? null,
    verify: given.verify ?? 'decode',
    ...dropUndefined({ keep: given.keep && inOrder(OPAQUE_KINDS, given.keep) }),
    hosts: { default: DEFAULT_BUDGET, ...lowerCaseKeys(given.hosts ?? {}) },
    limits: dropUndefined(given.limits ?? {}),
    maxRemoved: given.maxRemoved ?? 0.2,
    onStepFailure: given.onStepFailure ?? 'park',
    parkTimeout: given.parkTimeout ?? null,
    publishEvery: given.publishEvery ?? 60,
  };
}

/** The fields of the catalog's shape that the user gave, or that follow from the format. */
function shapeOf(
  given: z.infer<typeof runInputSchema>,
  format: ResolvedInput['format'],
): CatalogShape {
  return dropUndefined({
    many: given.many,
    header: given.header,
    urlSeparator: given.urlSeparator,
    urlTemplate: given.urlTemplate,
    baseUrl: given.baseUrl,
    records: given.records,
    integerIds: given.integerIds,
    member: given.member,
    imageSize: given.imageSize,
    idFrom: given.idFrom ?? (format === 'urls' ? 'url' : undefined),
  });
}

function refuseTooLong(input: unknown): void {
  const text = JSON.stringify(input) as string | undefined;
  const length = text?.length ?? 0;
  if (length <= LONGEST_INPUT) return;
  throw new StepError(
    'input',
    `The input has ${length} characters of JSON; at most ${LONGEST_INPUT} are taken. Name fewer hosts (\`default\` holds for the others), or give ids in a file (\`only\`), and start again.`,
  );
}

function describe(error: z.ZodError, input: unknown): string {
  const lines = error.issues.slice(0, ISSUES_NAMED).map((issue) => {
    const field = issue.path.join('.').slice(0, 100) || 'the input';
    return `${field}: ${issue.message.slice(0, 200)} (seen: ${seen(input, issue.path)})`;
  });
  return `The input cannot be used. ${lines.join('; ')}. Accepted fields: ${Object.keys(runInputSchema.shape).join(', ')}. Correct it and start again.`;
}

function seen(input: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = input;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 'nothing' : text.slice(0, 100);
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

function inOrder<T>(all: readonly T[], chosen: readonly T[]): readonly T[] {
  return all.filter((name) => chosen.includes(name));
}

function lowerCaseKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key.toLowerCase(), value]),
  );
}

function dropUndefined<T>(
  fields: Readonly<Record<string, T | undefined>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, T] => entry[1] !== undefined),
  );
}
