/** A loaded ONNX model, which makes an embedding of the pixels of one image. */
import { createRequire } from 'node:module';
import os from 'node:os';
import { StepError } from '../../contract/errors';
import { packageFile } from '../../files/process/built-file';
import type { ModelJob } from '../embedding-job';
import type { ModelSettings } from '../model-settings';
import { inputValues } from './input-values';

/** Longer outputs are feature maps or masks, not embeddings. */
const MOST_NUMBERS = 8_192;

/** The step between the values of an image that is executed to check the model. */
const CHECK_STEP = 37;

/** The part of the interface of both packages that is used here. */
interface OnnxRuntime {
  readonly Tensor: new (
    type: 'float32' | 'uint8',
    data: Float32Array | Uint8Array,
    dims: readonly number[],
  ) => unknown;
  readonly InferenceSession: {
    create(file: string, options: object): Promise<OnnxSession>;
  };
  readonly env: { readonly wasm?: { numThreads?: number } };
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, { readonly type: string; readonly data: unknown }>>>;
}

export interface OnnxModel {
  /** How many numbers an embedding has. */
  readonly length: number;
  /**
   * The output may have another length, or numbers that are not finite: {@link outputProblem}.
   *
   * @param rgb red, green and blue of each pixel of an image of the size of the input.
   * @throws errors of the runtime.
   */
  embed(rgb: Uint8Array): Promise<Float32Array>;
}

/**
 * Loads the model, and executes it once.
 *
 * @throws StepError `input` that says what does not fit.
 */
export async function loadOnnxModel({ file, settings, runtime }: ModelJob): Promise<OnnxModel> {
  const refused = (reason: string): StepError => new StepError('input', `${file}: ${reason}`);
  const onnx = createRequire(packageFile('package.json'))(runtime.module) as OnnxRuntime;
  const threads = Math.max(1, os.availableParallelism() - 1);
  if (onnx.env.wasm !== undefined) onnx.env.wasm.numThreads = 1;
  const isNative = runtime.name === 'onnxruntime-node';
  const options = isNative
    ? { executionProviders: ['cpu'], intraOpNumThreads: threads, logSeverityLevel: 3 }
    : { executionProviders: ['wasm'], logSeverityLevel: 3 };
  const session = await onnx.InferenceSession.create(file, options).catch((error: unknown) => {
    throw refused(`${runtime.name} cannot load it (${firstLine(error)}).`);
  });
  const names = chosenNames(session, settings);
  if (typeof names === 'string') throw refused(names);
  const embed = async (rgb: Uint8Array): Promise<unknown> => {
    const { type, layout, width, height } = settings;
    const dims = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
    const input = new onnx.Tensor(type, inputValues(rgb, settings), dims);
    const outputs = await session.run({ [names.input]: input }, [names.output]);
    return outputs[names.output]?.data;
  };
  // No plain picture: a model may have no numbers for one.
  const picture = new Uint8Array(3 * settings.width * settings.height).map(
    (_, at) => at * CHECK_STEP,
  );
  const tried = await embed(picture).catch((error: unknown) => {
    throw refused(
      `it cannot be executed with its settings (${firstLine(error)}). Compare width, height, layout and type with the model's input ${names.input}.`,
    );
  });
  if (!(tried instanceof Float32Array))
    throw refused(`its output ${names.output} is not of the type float32.`);
  const { length } = tried;
  if (length === 0 || length > MOST_NUMBERS)
    throw refused(
      `its output ${names.output} has ${length} numbers for one image; an embedding has 1 to ${MOST_NUMBERS}.`,
    );
  const problem = outputProblem(tried, length);
  if (problem !== null) throw refused(`its output ${names.output} has ${problem}.`);
  return { length, embed: async (rgb) => (await embed(rgb)) as Float32Array };
}

/** @returns what makes an output useless as an embedding of `length` numbers; null for nothing. */
export function outputProblem(output: Float32Array, length: number): string | null {
  if (output.length !== length) return `${output.length} numbers instead of ${length}`;
  const wrong = output.filter((value) => !Number.isFinite(value)).length;
  return wrong === 0 ? null : `${wrong} of ${length} numbers that are infinite or not a number`;
}

/** @returns the names of the input and the output, or why there are none. */
function chosenNames(
  { inputNames, outputNames }: OnnxSession,
  { input, output }: ModelSettings,
): { readonly input: string; readonly output: string } | string {
  const [onlyInput = '', ...otherInputs] = inputNames;
  const [firstOutput = ''] = outputNames;
  if (otherInputs.length > 0)
    return `it has the inputs ${inputNames.join(', ')}; a model of images has one.`;
  if (input !== undefined && input !== onlyInput)
    return `its settings name the input ${input}, and it has ${onlyInput}.`;
  if (output !== undefined && !outputNames.includes(output))
    return `its settings name the output ${output}, and it has ${outputNames.join(', ')}.`;
  return { input: onlyInput, output: output ?? firstOutput };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
