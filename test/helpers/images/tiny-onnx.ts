/** Small ONNX models, and the settings beside them. */
import fs from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';

/** The part of `onnx.proto` that the models need. */
const SCHEMA = `
  syntax = "proto3";
  message Attribute { string name = 1; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5; }
  message Dimension { int64 dim_value = 1; }
  message Shape { repeated Dimension dim = 1; }
  message Tensor { int32 elem_type = 1; Shape shape = 2; }
  message Type { Tensor tensor_type = 1; }
  message Value { string name = 1; Type type = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Value input = 11; repeated Value output = 12; }
  message Opset { string domain = 1; int64 version = 2; }
  message Model { int64 ir_version = 1; Graph graph = 7; repeated Opset opset_import = 8; }`;

/** Numbers of the types of `onnx.proto`. */
const FLOAT = 1;
const INTS = 7;

/** The side of the input, in pixels. */
export const SIDE = 32;

interface MeansOptions {
  /** The side of a square in pixels. */
  readonly cell: number;
  /** Operators that are applied to the means, for example `Log`. */
  readonly operators?: readonly string[];
  /** Names of further inputs, which are not used. */
  readonly otherInputs?: readonly string[];
}

/**
 * A model whose output is the mean of each channel over squares of `cell` × `cell` pixels, channel
 * by channel and row by row: three numbers for a cell of the whole input.
 */
function meansModel({ cell, operators = [], otherInputs = [] }: MeansOptions): Uint8Array {
  const model = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Model');
  const ints = (name: string) => ({ name, ints: [cell, cell], type: INTS });
  const value = (name: string, dims: readonly number[]) => ({
    name,
    type: {
      tensor_type: { elem_type: FLOAT, shape: { dim: dims.map((dim_value) => ({ dim_value })) } },
    },
  });
  const cells = (SIDE / cell) ** 2;
  const pool = { input: ['pixels'], output: ['means'], op_type: 'AveragePool' };
  const names = ['means', ...operators.map((_, index) => `means ${index}`)];
  const applied = operators.map((op_type, index) => ({
    ...{ input: [names[index]], output: [names[index + 1]], op_type },
  }));
  const flatten = { input: [names.at(-1)], output: ['embedding'], op_type: 'Flatten' };
  const graph = {
    node: [{ ...pool, attribute: [ints('kernel_shape'), ints('strides')] }, ...applied, flatten],
    name: 'means',
    input: [value('pixels', [1, 3, SIDE, SIDE]), ...otherInputs.map((name) => value(name, [1]))],
    output: [value('embedding', [1, 3 * cells])],
  };
  return model
    .encode(model.fromObject({ ir_version: 8, graph, opset_import: [{ domain: '', version: 13 }] }))
    .finish();
}

/**
 * Writes such a model with its settings.
 *
 * @returns the path of the ONNX file.
 */
export function writeMeansModel(
  folder: string,
  options: Partial<MeansOptions> & { readonly settings?: object } = {},
): string {
  const { cell = SIDE, settings = {}, ...others } = options;
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'means.onnx');
  fs.writeFileSync(file, meansModel({ cell, ...others }));
  const known = { name: `means of ${cell}`, width: SIDE, height: SIDE, fit: 'stretch' };
  fs.writeFileSync(path.join(folder, 'means.json'), JSON.stringify({ ...known, ...settings }));
  return file;
}
