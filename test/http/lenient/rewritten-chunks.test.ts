/** Which lines between chunks are changed before Node's lenient parser receives them. */
import { ChunkRewriter } from '../../../src/http/lenient/rewritten-chunks';

function rewritten(pieces: readonly string[]): string {
  const rewriter = new ChunkRewriter();
  const bytes = pieces.map((piece) => rewriter.rewrite(Buffer.from(piece, 'latin1')));
  return Buffer.concat(bytes).toString('latin1') + rewriter.rest();
}

function expectEverywhere(sent: string, expected: string): void {
  expect(rewritten(Array.from(sent))).toBe(expected);
  for (let at = 0; at <= sent.length; at += 1)
    expect(rewritten([sent.slice(0, at), sent.slice(at)])).toBe(expected);
}

const END = '0\r\n\r\n';

it.each([
  ['zeros and blanks', `0003 \t\r\na\r\n\r\n${END}`, `3\r\na\r\n\r\n${END}`],
  ['an extension without a name', `1;\r\na\r\n${END}`, `1\r\na\r\n${END}`],
  ['an extension with blanks', `1 ; b = c\r\na\r\n${END}`, `1\r\na\r\n${END}`],
  ['an extension in Latin-1', `1;b=\xfc\r\na\r\n${END}`, `1\r\na\r\n${END}`],
  ['line feeds alone', 'B\n0123456789a\n0\n\n', `B\r\n0123456789a\r\n${END}`],
  ['two carriage returns', '1\r\r\na\r\r\n0\r\r\n\r\r\n', `1\r\na\r\n${END}`],
  ['trailers', '1\r\na\r\n0\r\nx y: z\r\ncontent-length: 9\r\n\r\n', `1\r\na\r\n${END}`],
  ['bytes behind the end', `${END}1;\n`, `${END}1;\n`],
])('rewrites %s, wherever the bytes are divided', (_what, sent, expected) => {
  expectEverywhere(sent, expected);
});

it.each([
  ['a size that is none', '0x1;\r\na\r\n1;\r\n'],
  ['blanks before a size', ' 1;\r\na\r\n1;\r\n'],
  ['a size of more than six bytes', '1000000000000;\r\na\r\n1;\r\n'],
  ['data that are longer than their size', '1\r\nabc\r\n1;\r\na\r\n'],
  ['a line without an end', '1\r\na\r\n1;'],
])(
  'the rewriting of chunks leaves %s as it came, wherever the bytes are divided',
  (_what, sent) => {
    expectEverywhere(sent, sent);
  },
);

it('passes on a line and trailers that are longer than a head may be', () => {
  const long = 'y'.repeat(64 * 1_024 + 1);
  expect(rewritten([`1;${long}`, '\r\na'])).toBe(`1;${long}\r\na`);
  expect(rewritten([`0\r\n${long}`, '\r\n'])).toBe(`0\r\n${long}\r\n`);
});
