/** Failures of a step that no retry ends, because only another input lets the catalog be taken. */
import { patched } from '@temporalio/workflow';
import type { FailureCause } from '../obstacles/failure-cause';
import type { Step } from './steps';

export function needsOtherInput({ name }: Step, { code }: FailureCause): boolean {
  return name === 'ingest' && code === 'input' && patched('ingest fails where the input is wrong');
}
