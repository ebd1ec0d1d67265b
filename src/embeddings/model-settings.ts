/** The settings of a model: a small JSON file beside the ONNX file. */
import { z } from 'zod';

const three = z.tuple([z.number(), z.number(), z.number()]);

/** The most pixels of an input: what is larger is a mistake, not a model of images. */
const MOST_PIXELS = 4_000_000;

/**
 * How the pixels of an image become the input of the model, and which of its outputs is taken.
 *
 * @see docs/embeddings/README.md
 */
export const modelSettings = z
  .strictObject({
    /** The name of the model in tables and messages. */
    name: z.string().min(1).max(100),
    /** The name of the input; by default the model's only one. */
    input: z.string().min(1).optional(),
    /** The name of the output; by default the model's first one. */
    output: z.string().min(1).optional(),
    /** The size of the input in pixels. */
    width: z.int().positive(),
    height: z.int().positive(),
    /** The order of the input: rows of pixels, or one plane for each channel. */
    layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
    /** `uint8` is 0 to 255. `float32` is (value / 255 − mean) / std, channel by channel. */
    type: z.enum(['float32', 'uint8']).default('float32'),
    channels: z.enum(['RGB', 'BGR']).default('RGB'),
    /** In the order of `channels`, on the scale from 0 to 1. */
    mean: three.optional(),
    std: three.optional(),
    /** `crop` keeps the proportions and cuts off what is over; `stretch` does neither. */
    fit: z.enum(['crop', 'stretch']).default('crop'),
  })
  .refine(({ width, height }) => width * height <= MOST_PIXELS, {
    path: ['width'],
    message: `width × height must be at most ${MOST_PIXELS}`,
  })
  .refine(({ type, mean, std }) => type === 'float32' || (mean ?? std) === undefined, {
    path: ['type'],
    message: 'mean and std are for the type float32',
  })
  .refine(({ std }) => std === undefined || std.every((value) => value > 0), {
    path: ['std'],
    message: 'each number must be above 0',
  });

export type ModelSettings = z.infer<typeof modelSettings>;

/** @returns the settings, or what is wrong, with the name of the field. */
export function parseModelSettings(text: string): ModelSettings | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is not JSON (${error instanceof Error ? error.message : String(error)})`;
  }
  const parsed = modelSettings.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  return `${field === '' ? '' : `${field}: `}${issue?.message ?? 'it cannot be used'}`;
}
