/** The command that repeats a run and also requests images that failed for good. */
import path from 'node:path';
import { artemisCommand } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import type { RunRequest } from './run-request';

/** @returns null for a run with `only`, which would not request other images. */
export function againCommand({ workflowId, input }: RunRequest, dataRoot: string): string | null {
  // `replace` is not needed again: the catalog has replaced the former one.
  const { catalog, select: _select, replace: _replace, steps, ...others } = input;
  if (others.only !== undefined || typeof catalog !== 'string') return null;
  // Without the step `download` no image would be requested.
  const isDownload = Array.isArray(steps) && steps.includes('download');
  const fields = isDownload ? { ...others, steps } : others;
  const words = [
    'run',
    shellWord(path.join(dataRoot, catalog)),
    '--workflow-id',
    shellWord(workflowId),
    '--select',
    'failed',
    ...(Object.keys(fields).length === 0 ? [] : ['--input', shellWord(JSON.stringify(fields))]),
  ];
  return artemisCommand(words.join(' '), dataRoot);
}
