/** Lists and dictionaries as Python prints them, in cells and as records. */
import fc from 'fast-check';
import { jsonOfPython } from '../../../src/catalog/json/python-literal';
import { DataRootFixture } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** As `repr` of Python writes a value that JSON has, too. */
function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return reprOfText(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${repr(name)}: ${repr(member)}`);
  return `{${members.join(', ')}}`;
}

function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const escaped = Array.from(text, (character) => {
    if (character === quote || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return (
      escapes[character] ?? (code < 32 ? `\\x${code.toString(16).padStart(2, '0')}` : character)
    );
  });
  return quote + escaped.join('') + quote;
}

const text = fc
  .array(
    fc.constantFrom('a', 'é', '😀', '"', "'", '\\', '\n', '\u0001', ' ', ',', ':', '{', ']', 'x'),
  )
  .map((characters) => characters.join(''));
/**
 * After an object with the name `a\\`, JSON.parse of Node.js 24.21 reads every name that begins
 * with an `a` and an escape, such as `a\\n`, as that name.
 */
const name = text.filter((one) => !one.includes('\\'));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(text, fc.integer(), fc.constantFrom(null, true, false, 1.5, 1e-7)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('whatever Python prints is the JSON of the same value', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (list) => {
      expect(JSON.parse(jsonOfPython(repr(list)) ?? 'null')).toEqual(list);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['texts of Python 2', `[u'a', b"b", u'\\xe9\\u00e9\\U0001F600']`, ['a', 'b', 'éé😀']],
  ['tuples, and numbers as names', `{1: ('a',), -2.5: ()}`, { 1: ['a'], '-2.5': [] }],
  ['an array of NumPy', `['a' "b's"\n 'c']`, ['a', "b's", 'c']],
  [
    'an array of arrays',
    `[['a' 'b']\n ['c' 'd']]`,
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['dictionaries in an array', `[{'a': nan} {'a': -inf}]`, [{ a: null }, { a: '-Infinity' }]],
])('%s are read', (_, printed, expected) => {
  expect(JSON.parse(jsonOfPython(printed) ?? 'null')).toEqual(expected);
});

test.each([
  '[sic]',
  '[1] a title',
  '{x} of {y}',
  "['a'",
  "['a\\']",
  '[array([1, 2])]',
  "{'at': datetime.datetime(2020, 1, 1)}",
  "{'a', 'b'}",
  "['a' 'b' ... 'z']",
  "['a''b']",
  '(a)',
  "'a'",
])('%s is an ordinary text', (printed) => {
  expect(jsonOfPython(printed)).toBeNull();
});

test('a long text is looked at once', () => {
  const many = 1_000_000;
  for (const part of ["'", '"', '\\', '[', "'a',", "\\'", ' ', '{', ':'])
    expect(jsonOfPython(`[${part.repeat(many)}`)).toBeNull();
  const texts = `[${"'a', ".repeat(many)}]`;
  expect(jsonOfPython(texts)).toHaveLength(1 + 4 * many);
});

test('images in the dictionaries of a cell are named by a path', async () => {
  const images = `[{'url': 'http://a/1.jpg', 'w': None}, {'url': 'http://a/2.jpg', 'alt': "it's"}]`;
  const csv = `id,images\n1,"${images}"\n2,[]\n3,\n4,"[datetime(1)]"\n`;
  const columns = { id: 'id', url: 'images[].url' };
  const counts = await fixture.readText(csv.replace(`"it's"`, `""it's""`), { columns, many: true });
  expect(counts).toMatchObject({ rows: 5, images: 4, noUrl: 2, rejected: 1 });
  expect((await fixture.images()).map(([, url]) => url)).toEqual([
    'http://a/1.jpg',
    'http://a/2.jpg',
    null,
    null,
  ]);
  expect(fixture.rejects()).toMatchObject([{ code: 'bad_row', line: 5 }]);
});

test('records that Python printed one a line are read as NDJSON', async () => {
  const lines = `{'id': '07', 'url': 'http://a/1.jpg', 'title': '5" x}', 'price': 12.0}\n{'id': "x'y", 'url': u'http://a/2.jpg'}\n`;
  for (const format of ['ndjson', 'txt'] as const) {
    expect(await fixture.readText(lines, { format })).toMatchObject({ rows: 2, images: 2 });
    expect(await fixture.rows()).toMatchObject([
      { source_image_id: '07', thumb_url: 'http://a/1.jpg', title: '5" x}', price: '12.0' },
      { source_image_id: "x'y", thumb_url: 'http://a/2.jpg' },
    ]);
  }
});
