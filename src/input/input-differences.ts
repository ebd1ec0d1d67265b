/** Finds the fields in which two inputs of a run differ after their defaults are filled in. */
import { isDeepStrictEqual } from 'node:util';
import { StepError } from '../contract/errors';
import type { ResolvedInput } from '../contract/run-input';
import { parseRunInput } from './run-input-schema';

/**
 * Returns one line per field that differs, with the value in `theirs` first. The list is empty when
 * both inputs ask for the same.
 *
 * @throws StepError `input` when `ours` cannot be used.
 */
export function inputDifferences(theirs: unknown, ours: unknown): readonly string[] {
  const mine = parseRunInput(ours);
  const other = parsedOrNull(theirs);
  if (other === null) return ['its input cannot be used'];
  const fields = Object.keys({ ...other, ...mine }) as (keyof ResolvedInput)[];
  return fields
    .filter((field) => !isDeepStrictEqual(other[field], mine[field]))
    .map((field) => `${field} is ${text(other[field])} there, ${text(mine[field])} here`);
}

function parsedOrNull(input: unknown): ResolvedInput | null {
  try {
    return parseRunInput(input);
  } catch (error) {
    if (error instanceof StepError) return null;
    throw error;
  }
}

function text(value: unknown): string {
  return value === undefined ? 'not given' : JSON.stringify(value).slice(0, 200);
}
