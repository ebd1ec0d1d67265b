/** Which bytes of a response are changed before Node's lenient parser receives them. */
import { HeadRewriter } from '../../../src/http/lenient/rewritten-heads';

const OK = 'HTTP/1.1 200 OK\r\n';
const LENGTH = 'content-length: 3\r\n';
const INVALID = 'x-invalid-header-name';
const NO_LENGTH = 'x-missing-content-length';
const CHUNKED = 'transfer-encoding: chunked\r\n';
const REPEATED = 'x-repeated-content-length: 3\r\n';

function rewritten(chunks: readonly string[]): string {
  const rewriter = new HeadRewriter();
  const bytes = chunks.map((chunk) => rewriter.rewrite(Buffer.from(chunk, 'latin1')));
  return Buffer.concat([...bytes, rewriter.rest()]).toString('latin1');
}

it.each([
  ['a second length', `${OK}${LENGTH}${LENGTH}\r\nabc`, `${OK}${LENGTH}${REPEATED}\r\nabc`],
  [
    'a list of lengths',
    `${OK}Content-Length : 3, 3\r\n\r\nabc`,
    `${OK}content-length: 3\r\nx-repeated-content-length: , 3\r\n\r\nabc`,
  ],
  [
    'lengths in lines without carriage returns',
    'HTTP/1.1 200 OK\ncontent-length:3\ncontent-length: 3\n\nabc',
    'HTTP/1.1 200 OK\ncontent-length:3\nx-repeated-content-length: 3\n\nabc',
  ],
  [
    'a second length behind an informational head with one of its own',
    `\r\nHTTP/1.1 100 C\r\n${LENGTH}\r\n${OK}${LENGTH}${LENGTH}\r\nabc`,
    `\r\nHTTP/1.1 100 C\r\n${LENGTH}\r\n${OK}${LENGTH}${REPEATED}\r\nabc`,
  ],
  [
    'names that are no names',
    `${OK}Content Type: a:b\r\nX (y) : z\r\n: 1\r\nX-G\xf6: 1\r\n${LENGTH}\r\nabc`,
    `${OK}${INVALID}: a:b\r\n${INVALID}: z\r\n${INVALID}: 1\r\n${INVALID}: 1\r\n${LENGTH}\r\nabc`,
  ],
  [
    'lines without a colon',
    `${OK}Powered by x\r\n${OK}${LENGTH}\r\nabc`,
    `${OK}${INVALID}: Powered by x\r\n${INVALID}: ${OK}${LENGTH}\r\nabc`,
  ],
  [
    'lengths without a value',
    `${OK}content-length: \r\nContent-Length: NaN\r\ncontent-length: 3 B\r\n\r\nabc`,
    `${OK}${NO_LENGTH}: \r\n${NO_LENGTH}: NaN\r\n${LENGTH}\r\nabc`,
  ],
  [
    'a length with a sign, and another one',
    `${OK}content-length: +3\r\n${LENGTH}\r\nabc`,
    `${OK}${LENGTH}${REPEATED}\r\nabc`,
  ],
  [
    'a list with an empty element',
    `${OK}content-length: 3,\r\n\r\nabc`,
    `${OK}${LENGTH}x-repeated-content-length: ,\r\n\r\nabc`,
  ],
  [
    'transfer codings that are none',
    `${OK}Transfer-Encoding: identity\r\ntransfer-encoding:\r\n${LENGTH}\r\nabc`,
    `${OK}x-no-transfer-encoding: identity\r\nx-no-transfer-encoding:\r\n${LENGTH}\r\nabc`,
  ],
  [
    'lines with two carriage returns',
    `${OK}x: y\r\n\r\n`.replaceAll('\r', '\r\r') + 'a\r\r\n',
    `${OK}x: y\r\n\r\na\r\r\n`,
  ],
  [
    'lines between chunks',
    `${OK}${CHUNKED}\r\n03 ; a = "b\r\na;\n\r\n0\r\n\r\n`,
    `${OK}${CHUNKED}\r\n3\r\na;\n\r\n0\r\n\r\n`,
  ],
  [
    'chunks behind an informational head',
    `HTTP/1.1 100 C\r\n${CHUNKED}\r\n${OK}Transfer-Encoding : identity, Chunked\n\n1;\na\n0\n\n`,
    `HTTP/1.1 100 C\r\n${CHUNKED}\r\n${OK}Transfer-Encoding : identity, Chunked\n\n1\r\na\r\n0\r\n\r\n`,
  ],
  ['a status with a comma', 'HTTP/1.1 200, OK\r\n\r\n', 'HTTP/1.1 200 , OK\r\n\r\n'],
  ['HTTP without a version', 'HTTP 404 No\r\n\r\n', 'HTTP/1.1 404 No\r\n\r\n'],
  ['tabs', 'HTTP/1.1\t200\tOK\r\n\r\n', `${OK}\r\n`],
  ['HTTP/2', `HTTP/2 200\r\n${LENGTH}\r\nabc`, `HTTP/1.1 200\r\n${LENGTH}\r\nabc`],
  ['ICY', `ICY 200 OK\nx: y\n\nabc`, `HTTP/1.1 200 OK\nx: y\n\nabc`],
  ['HTTP in lower case', `http/1.1 200 OK\r\n\r\n`, `${OK}\r\n`],
  ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n', `${OK}\r\n`],
  ['two spaces and a long version', 'HTTP/1.10  404 No\r\n\r\n', 'HTTP/1.1 404 No\r\n\r\n'],
])('rewrites %s, wherever the bytes are divided', (_what, sent, expected) => {
  const everywhere = Array.from(sent);
  expect(rewritten(everywhere)).toBe(expected);
  for (let at = 0; at <= sent.length; at += 1)
    expect(rewritten([sent.slice(0, at), sent.slice(at)])).toBe(expected);
});

it.each([
  ['a body like a head', `${OK}${LENGTH}\r\n${OK}${LENGTH}${LENGTH}\r\n\xff\x00`],
  ['a body behind 101', `HTTP/1.1 101 S\r\n${LENGTH}\r\n${LENGTH}${LENGTH}`],
  ['a body behind two carriage returns', `${OK}${LENGTH}x: a\r\r${LENGTH}${LENGTH}\n`],
  ['a body behind a carriage return at the end of a chunk', `${OK}${LENGTH}\r${LENGTH}${LENGTH}`],
  ['a header whose name is longer', `${OK}${LENGTH}content-length-x: 3\r\n\r\n`],
  ['a line without an end', `${OK}${LENGTH}content-length: 3`],
  ['a line that continues a header', `${OK}x: a\r\n b c: d\r\n${LENGTH}\r\nabc`],
  ['a line without a colon that has a NUL', `${OK}no \0 header\r\n${LENGTH}\r\nabc`],
  ['chunks of gzip', `${OK}transfer-encoding: chunked, gzip\r\n\r\n1;\r\na\r\n0\r\n\r\n`],
  ['a body without chunks', `${OK}${LENGTH}\r\n1;\r\n`],
  ['a length that is no number', `${OK}content-length: -1\r\n\r\nabc`],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n\r\n`],
  ['a name with a NUL', `${OK}x y\0: z\r\n${LENGTH}\r\nabc`],
  ['a body with a name that is no name', `${OK}${LENGTH}\r\nContent Type: x\r\n`],
  ['ICE, which is asked for music', `ICE/1.0 200 OK\r\nx y: z\r\n\r\n`],
  ['a status of two digits', `HTTP/2 20 OK\r\nx: z\r\n\r\n`],
  ['no HTTP', `<html>\n${LENGTH}${LENGTH}\n`],
])('the rewriting of heads leaves %s as it came, wherever the bytes are divided', (_what, sent) => {
  for (let at = 0; at <= sent.length; at += 1)
    expect(rewritten([sent.slice(0, at), sent.slice(at)])).toBe(sent);
});

it('passes on at once what is no HTTP, and a line that is longer than a head may be', () => {
  const rewriter = new HeadRewriter();
  const pass = (text: string): string => rewriter.rewrite(Buffer.from(text)).toString();
  expect(pass('<html>hello')).toBe('<html>hello');
  const head = new HeadRewriter();
  const line = 'y'.repeat(64 * 1_024 + 1);
  expect(head.rewrite(Buffer.from(`${OK}${line}`)).toString()).toBe(`${OK}${line}`);
});
