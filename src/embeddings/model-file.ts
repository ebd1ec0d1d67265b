/** The model that a worker is set to: its ONNX file, the settings beside it, and a runtime. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { PIXELS_VERSION } from '../contract/embeddings/embedding';
import { StepError } from '../contract/errors';
import { errorCode } from '../files/error-code';
import { parseModelSettings, type ModelSettings } from './model-settings';
import { findRuntime, type FoundRuntime } from './find-runtime';

/** A model whose files were read, but which has not been loaded. */
export interface ModelFile {
  /** Absolute path of the ONNX file. */
  readonly file: string;
  /** As in `EmbeddingModel`. */
  readonly version: string;
  readonly settings: ModelSettings;
  readonly runtime: FoundRuntime;
}

const SETTING = 'ARTEMIS_EMBEDDING_MODEL';

/**
 * Reads the model.
 *
 * @param file the value of ARTEMIS_EMBEDDING_MODEL; null when it is not set.
 * @throws StepError `input` that says which file or package is missing, or what is wrong in the
 *   settings.
 */
export function readModelFile(file: string | null): ModelFile {
  if (file === null) {
    throw new StepError(
      'input',
      `The step embeddings needs a model: set ${SETTING} to the path of an ONNX file, or leave the step out.`,
    );
  }
  const settingsFile = settingsFileOf(file);
  const model = readUserFile(file, 'the ONNX file');
  const text = readUserFile(settingsFile, 'the file with the settings of the model');
  const settings = parseModelSettings(text.toString('utf8'));
  if (typeof settings === 'string')
    throw new StepError('input', `${settingsFile}: ${settings}. Correct it, then start again.`);
  const hash = createHash('sha256').update(model).update(text);
  const version = hash.update(`pixels ${PIXELS_VERSION}`).digest('hex');
  return { file, version, settings, runtime: findRuntime() };
}

/** The settings of `model.onnx` are in `model.json`. */
function settingsFileOf(file: string): string {
  const { dir, name } = path.parse(file);
  return path.join(dir, `${name}.json`);
}

function readUserFile(file: string, what: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new StepError(
      'input',
      `${SETTING}: ${what} ${file} cannot be read (${errorCode(error) ?? String(error)}).`,
      { cause: error },
    );
  }
}
