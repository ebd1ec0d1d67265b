/** What a model gets of the pixels of an image, and what is published of its output. */
import { createProjection } from '../../src/embeddings/child/projection';
import { inputValues } from '../../src/embeddings/child/input-values';
import { parseModelSettings, type ModelSettings } from '../../src/embeddings/model-settings';
import { seededNumbers } from '../helpers/seeded-random';

/** Two pixels: red, green and blue of each. */
const RGB = Uint8Array.from([255, 51, 0, 102, 204, 153]);

function settings(given: object): ModelSettings {
  const parsed = parseModelSettings(JSON.stringify({ name: 'm', width: 2, height: 1, ...given }));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const valuesOf = (given: object): readonly number[] =>
  Array.from(inputValues(RGB, settings(given)), (value) => Math.round(value * 1e4) / 1e4);

describe('the input of a model', () => {
  it.each([
    [{ type: 'uint8', layout: 'NHWC' }, [255, 51, 0, 102, 204, 153]],
    [{ type: 'uint8' }, [255, 102, 51, 204, 0, 153]],
    [{ type: 'uint8', channels: 'BGR', layout: 'NHWC' }, [0, 51, 255, 153, 204, 102]],
    [{}, [1, 0.4, 0.2, 0.8, 0, 0.6]],
    [{ mean: [0.5, 0, 0], std: [0.5, 1, 0.1] }, [1, -0.2, 0.2, 0.8, 0, 6]],
    [{ channels: 'BGR', mean: [0.1, 0, 0] }, [-0.1, 0.5, 0.2, 0.8, 1, 0.4]],
  ])('with the settings %j is %j', (given, values) => {
    expect(valuesOf(given)).toEqual(values);
  });
});

describe('a projected embedding', () => {
  const next = seededNumbers(7);
  const random = (length: number): Float32Array =>
    Float32Array.from({ length }, () => next() / 2 ** 23 - 1);

  it('is the embedding itself when that has 64 numbers or fewer', () => {
    const short = random(64);
    expect(createProjection(64)(short)).toBe(short);
  });

  it('has 64 numbers, the same ones in every process, and about the same cosines', () => {
    const [a, noise] = [random(1_280), random(1_280)];
    const project = createProjection(1_280);
    expect(createProjection(1_280)(a)).toEqual(project(a));
    expect(project(a)).toHaveLength(64);
    // Four standard deviations of unrelated embeddings, which is 1 / sqrt(64).
    for (const share of [0.1, 0.5, 1, 4]) {
      const b = a.map((value, at) => value + share * (noise[at] ?? 0));
      expect(Math.abs(cosine(project(a), project(b)) - cosine(a, b))).toBeLessThan(0.5);
    }
    const near = a.map((value, at) => value + 0.1 * (noise[at] ?? 0));
    expect(cosine(project(a), project(near))).toBeGreaterThan(0.98);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
