/** Reads the ids of the file `only`: one in each line, unchanged except for the end of the line. */
import { StepError } from '../contract/errors';
import { NdjsonSplitter } from './json/json-splitter';
import { readText } from './text/text-window';

/**
 * Yields the ids in the order of the file, without blank lines.
 *
 * @throws StepError `input`, which names the line when the file is not UTF-8 text.
 */
export async function* readIdList(file: string): AsyncGenerator<string> {
  const splitter = new NdjsonSplitter('`only`');
  for await (const window of windows(file)) {
    for (const { text, line, badEncoding } of splitter.read(window)) {
      if (badEncoding) throw unusable(`line ${line} is not valid utf-8`);
      yield text.endsWith('\r') ? text.slice(0, -1) : text;
    }
  }
}

async function* windows(file: string): ReturnType<typeof readText> {
  try {
    yield* readText({ file, name: '`only`', encoding: 'utf-8' });
  } catch (error) {
    throw error instanceof StepError ? unusable(error.message, error) : error;
  }
}

function unusable(seen: string, cause?: StepError): StepError {
  return new StepError(
    'input',
    `The file of \`only\` cannot be read: ${seen}. Give ids, one a line.`,
    {
      cause,
    },
  );
}
