/**
 * Compares docs/reference/input.md and the TSDoc of the run input with the schema that checks
 * inputs.
 */
import { z } from 'zod';
import { parseRunInput, runInputSchema } from '../../src/input/run-input-schema';
import { namesOf, readReferencePage, type Row } from './reference-page';
import { SourceTypes } from './source-types';

interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: FieldSchema | boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

const page = readReferencePage('input.md');
const rows = page.table('Fields');
const schemas = fieldSchemas('', z.toJSONSchema(runInputSchema) as FieldSchema);

/** The fields without fields of their own, by path: `hosts.<host>.connections`. */
function fieldSchemas(path: string, schema: FieldSchema): ReadonlyMap<string, FieldSchema> {
  const below = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => [path === '' ? name : `${path}.${name}`, field] as const,
  );
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object')
    below.push([`${path}.<host>`, additionalProperties]);
  if (below.length === 0) return new Map([[path, schema]]);
  return new Map(below.flatMap(([name, field]) => [...fieldSchemas(name, field)]));
}

/** The text of the page's column "Type" for such a field. */
function typeText({ type, enum: values, items, anyOf, ...limits }: FieldSchema): string {
  if (anyOf !== undefined) return anyOf.map(typeText).join(' | ');
  if (type === 'boolean') return '`true` | `false`';
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' | ');
  if (items !== undefined) return `list of ${typeText(items)}`;
  if (type === 'string') return 'text';
  if (type === 'integer' && limits.exclusiveMinimum === 0) return 'whole number, at least 1';
  if (limits.exclusiveMinimum === 0) return 'number, above 0';
  if (limits.minimum === 0 && limits.maximum === 1) return 'number, 0 to 1';
  if (limits.minimum === 0) return 'number, at least 0';
  throw new Error(`the test has no words for ${JSON.stringify({ type, ...limits })}`);
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .replace('<host>', 'default')
    .split('.')
    .reduce<unknown>((rest, name) => (rest as Record<string, unknown>)[name], value);
}

/** An input with this value in this field. */
function inputWith(path: string, value: unknown): unknown {
  const budget = { connections: 1, requestsPerSecond: 1 };
  const [first = '', ...others] = path.split('.');
  if (others[0] === '<host>')
    return { catalog: 'a.csv', hosts: { h: { ...budget, [others[1] ?? '']: value } } };
  const field = others[0] === undefined ? value : { [others[0]]: value };
  const format = first === 'imageSize' ? { format: 'iiif' } : {};
  return { catalog: first === 'records' ? 'a.json' : 'a.csv', ...format, [first]: field };
}

function cell(row: Row, column: string): string {
  return row[column] ?? '';
}

describe('the reference of the run input', () => {
  it('lists every field of the schema, and no other', () => {
    expect([...namesOf(rows)].sort()).toEqual([...schemas.keys()].sort());
  });

  it.each(rows.map((row) => [namesOf([row])[0] ?? '', row] as const))(
    'gives the type and the limits of %s',
    (name, row) => {
      expect(cell(row, 'Type')).toBe(typeText(schemas.get(name) ?? {}));
    },
  );

  it.each(rows.map((row) => [namesOf([row])[0] ?? '', row] as const))(
    'gives the default of %s where it is a value',
    (name, row) => {
      const resolved = valueAt(parseRunInput({ catalog: 'works.csv' }), name) ?? null;
      const written = /^`(.*)`$/.exec(cell(row, 'Default'))?.[1];
      if (written === undefined) {
        const withoutValue = [
          'required',
          'by the name',
          'by the format',
          'by the catalog',
          'all',
          'yes',
          'no',
          'none',
          "worker's",
        ];
        expect(withoutValue).toContain(cell(row, 'Default'));
        if (cell(row, 'Default') === 'none') expect(resolved).toBeNull();
      } else expect(JSON.parse(written)).toEqual(resolved);
    },
  );

  it.each(rows.map((row) => [namesOf([row])[0] ?? '', row] as const))(
    'has an example of %s that is accepted',
    (name, row) => {
      const example: unknown = JSON.parse(/^`(.*)`$/.exec(cell(row, 'Example'))?.[1] ?? '');
      expect(() => parseRunInput(inputWith(name, example))).not.toThrow();
    },
  );

  it('has a whole input that is accepted', () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page.section('Fields')) ?? [];
    expect(() => parseRunInput(JSON.parse(example))).not.toThrow();
  });
});

describe('the type of the run input', () => {
  const types = new SourceTypes(['contract/run-input.ts']);
  const documented = ['RunInput', 'HostBudget', 'FileLimits'].flatMap((type) =>
    types
      .fieldsOf('contract/run-input.ts', type)
      .map((field) => ({ title: `${type}.${field.name}`, ...field })),
  );

  it('has the fields of the schema', () => {
    expect([...types.namesOf('contract/run-input.ts', 'RunInput')].sort()).toEqual(
      Object.keys(runInputSchema.shape).sort(),
    );
  });

  it.each(documented)('documents $title, with its default', ({ name, documentation }) => {
    expect(documentation.trim()).not.toBe('');
    if (name !== 'catalog') expect(documentation).toContain('@defaultValue ');
  });
});
