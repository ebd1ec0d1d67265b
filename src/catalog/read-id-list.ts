/** The ids of an `only` file, one a line, verbatim but for the line end. */
import { StepError } from '../contract/errors';
import { NdjsonSplitter } from './json/json-splitter';
import { readText } from './text/text-window';

/** Blank lines are skipped. **Errors** {@link StepError} `input` with the line when the file is no UTF-8 text. */
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
