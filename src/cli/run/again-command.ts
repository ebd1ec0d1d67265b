/** The command that runs the same again, also for images that failed for good. */
import path from 'node:path';
import { artemisCommand } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import type { RunRequest } from './run-request';

/** @returns null where the run was given its images (`only`): it would ask for no others. */
export function againCommand({ workflowId, input }: RunRequest, dataRoot: string): string | null {
  // The catalog has taken the place of the former one already.
  const { catalog, select: _select, replace: _replace, steps, ...others } = input;
  if (others.only !== undefined || typeof catalog !== 'string') return null;
  // Steps that download nothing would ask for no image.
  const isDownload = Array.isArray(steps) && steps.includes('download');
  const fields = isDownload ? { ...others, steps } : others;
  const words = [
    ...['run', shellWord(path.join(dataRoot, catalog)), '--workflow-id', shellWord(workflowId)],
    ...['--select', 'failed'],
    ...(Object.keys(fields).length === 0 ? [] : ['--input', shellWord(JSON.stringify(fields))]),
  ];
  return artemisCommand(words.join(' '), dataRoot);
}
