/**
 * Reads the ids of the file `only`: one in each line. A file whose name ends in `.ndjson` or
 * `.jsonl` has them as JSON strings, in which an id may have a line end too.
 */
import { StepError } from '../contract/errors';
import { NdjsonSplitter } from './json/json-splitter';
import { readText } from './text/text-window';

const JSON_NAME = /\.(ndjson|jsonl)$/i;

/**
 * Yields the ids in the order of the file, without blank lines.
 *
 * @throws StepError `input`, which names the line when the file is not UTF-8 text, or a line of a
 *   JSON file is no string.
 */
export async function* readIdList(file: string): AsyncGenerator<string> {
  const isJson = JSON_NAME.test(file);
  const splitter = new NdjsonSplitter('`only`');
  for await (const window of windows(file)) {
    for (const { text, line, badEncoding } of splitter.read(window)) {
      if (badEncoding) throw unusable(`line ${line} is not valid utf-8`);
      if (isJson) yield stringIn(text, line);
      else yield text.endsWith('\r') ? text.slice(0, -1) : text;
    }
  }
}

function stringIn(text: string, line: number): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
  } catch {
    // The message below is the same for whatever is no string.
  }
  throw unusable(
    `line ${line} is no JSON string such as "works/12", which the name of the file promises`,
  );
}

async function* windows(file: string): ReturnType<typeof readText> {
  try {
    const name = '`only`';
    const onRest = (bytes: number): void => {
      throw unusable(`${bytes} bytes follow the end of the gzip data, and are no gzip`);
    };
    yield* readText({ file, name, encoding: 'utf-8', onRest });
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
