/** A model is checked before its run downloads anything: what is wrong, and what to do. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkEmbeddingModel } from '../../src/embeddings/compute-embeddings';
import { findRuntime } from '../../src/embeddings/find-runtime';
import { writeMeansModel } from '../helpers/images/tiny-onnx';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-model-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const check = (file: string | null) => checkEmbeddingModel({ dataRoot: folder, file });

async function refusal(settings: object | string): Promise<string> {
  const file = writeMeansModel(folder);
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  fs.writeFileSync(path.join(folder, 'means.json'), text);
  const error = await check(file).then(
    () => null,
    (reason: unknown) => reason as Error & { code: string },
  );
  expect(error).toMatchObject({ code: 'input' });
  return error?.message.replaceAll(folder, '') ?? '';
}

const FITTING = { name: 'means', width: 32, height: 32 };

describe('the check of a model', () => {
  it('returns its name, and a version of the bytes of both files and of how pixels are decoded', async () => {
    const file = writeMeansModel(folder, { settings: { name: 'first' } });
    const first = await check(file);
    expect(first).toEqual({
      name: 'first',
      version: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(await check(file)).toEqual(first);
    writeMeansModel(folder, { settings: { name: 'first', fit: 'crop' } });
    const second = await check(file);
    expect(second.version).not.toBe(first.version);
    const hash = createHash('sha256').update(fs.readFileSync(file));
    hash.update(fs.readFileSync(path.join(folder, 'means.json')));
    hash.update('pixels 2');
    expect(second.version).toBe(hash.digest('hex'));
    expect(fs.readdirSync(path.join(folder, 'tmp'))).toEqual([]);
  });

  it('names the setting that is missing', async () => {
    await expect(check(null)).rejects.toMatchObject({
      code: 'input',
      message:
        'The step embeddings needs a model: set ARTEMIS_EMBEDDING_MODEL to the path of an ONNX file, or leave the step out.',
    });
  });

  it('names the file that is missing', async () => {
    await expect(check('/nowhere/m.onnx')).rejects.toThrow(
      'ARTEMIS_EMBEDDING_MODEL: the ONNX file /nowhere/m.onnx cannot be read (ENOENT).',
    );
    const file = writeMeansModel(folder);
    const settings = path.join(folder, 'means.json');
    fs.rmSync(settings);
    await expect(check(file)).rejects.toThrow(
      `the file with the settings of the model ${settings} cannot be read (ENOENT).`,
    );
  });

  it.each([
    ['{', /^\/means\.json: it is not JSON/],
    [{ width: 32, height: 32 }, /^\/means\.json: name: /],
    [{ ...FITTING, width: 0 }, /^\/means\.json: width: /],
    [{ ...FITTING, layout: 'CHW' }, /^\/means\.json: layout: .*"NCHW"\|"NHWC"/],
    [{ ...FITTING, mean: [1, 2] }, /^\/means\.json: mean/],
    [{ ...FITTING, std: [1, 0, 1] }, /^\/means\.json: std: each number must be above 0/],
    [{ ...FITTING, type: 'uint8', mean: [0, 0, 0] }, /^\/means\.json: type: mean and std are for/],
    [{ ...FITTING, size: 32 }, /^\/means\.json: .*"size"/],
    [{ ...FITTING, width: 3_000, height: 3_000 }, /width × height must be at most 4000000/],
  ])('says what is wrong in the settings %j', async (settings, message) => {
    expect(await refusal(settings)).toMatch(message);
  });

  it.each([
    [{ ...FITTING, input: 'image' }, 'its settings name the input image, and it has pixels.'],
    [
      { ...FITTING, output: 'logits' },
      'its settings name the output logits, and it has embedding.',
    ],
    [{ ...FITTING, width: 64 }, 'it cannot be executed with its settings ('],
    [{ ...FITTING, type: 'uint8' }, 'it cannot be executed with its settings ('],
  ])('executes the model once with the settings %j', async (settings, message) => {
    expect(await refusal(settings)).toContain(`/means.onnx: ${message}`);
  });

  it('refuses a file that is no ONNX model', async () => {
    const file = writeMeansModel(folder);
    fs.writeFileSync(file, 'no model');
    await expect(check(file)).rejects.toThrow(/onnxruntime-\w+ cannot load it \(.+\)\.$/);
  });

  it('refuses a model with two inputs, and one whose numbers are not finite', async () => {
    const two = writeMeansModel(folder, { otherInputs: ['scale'] });
    await expect(check(two)).rejects.toThrow(
      'it has the inputs pixels, scale; a model of images has one.',
    );
    const settings = { mean: [2, 2, 2] };
    const negative = writeMeansModel(folder, { operators: ['Log'], settings });
    await expect(check(negative)).rejects.toMatchObject({
      code: 'input',
      message: `${negative}: its output embedding has 3 of 3 numbers that are infinite or not a number.`,
    });
  });
});

describe('the search for a package that executes models', () => {
  it('finds the one that is installed', () => {
    expect(findRuntime()).toEqual({
      name: expect.stringMatching(/^onnxruntime-(node|web)$/) as string,
      module: expect.stringContaining('node_modules') as string,
    });
  });

  it('says what to install when there is none', () => {
    expect(() => findRuntime(path.join(folder, 'package.json'))).toThrow(
      /none is installed\. Install one .* "npm install --no-save --ignore-scripts onnxruntime-node@1".*Nothing was downloaded\./,
    );
  });

  it('prefers the native one', () => {
    for (const name of ['onnxruntime-web', 'onnxruntime-node']) {
      const place = path.join(folder, 'node_modules', name);
      fs.mkdirSync(place, { recursive: true });
      fs.writeFileSync(path.join(place, 'index.js'), '');
    }
    expect(findRuntime(path.join(folder, 'package.json')).name).toBe('onnxruntime-node');
  });
});
