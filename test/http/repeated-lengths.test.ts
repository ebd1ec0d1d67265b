/** Which bytes of a response are changed before Node's lenient parser receives them. */
import { LengthRenamer } from '../../src/http/repeated-lengths';

const OK = 'HTTP/1.1 200 OK\r\n';
const LENGTH = 'content-length: 3\r\n';
const REPEATED = 'x-repeated-content-length: 3\r\n';

function renamed(chunks: readonly string[]): string {
  const renamer = new LengthRenamer();
  const bytes = chunks.map((chunk) => renamer.rename(Buffer.from(chunk, 'latin1')));
  return Buffer.concat([...bytes, renamer.rest()]).toString('latin1');
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
])('renames %s, wherever the bytes are divided', (_what, sent, expected) => {
  const everywhere = Array.from(sent);
  expect(renamed(everywhere)).toBe(expected);
  for (let at = 0; at <= sent.length; at += 1)
    expect(renamed([sent.slice(0, at), sent.slice(at)])).toBe(expected);
});

it.each([
  ['a body like a head', `${OK}${LENGTH}\r\n${OK}${LENGTH}${LENGTH}\r\n\xff\x00`],
  ['a body behind 101', `HTTP/1.1 101 S\r\n${LENGTH}\r\n${LENGTH}${LENGTH}`],
  ['a body behind two carriage returns', `${OK}${LENGTH}x: a\r\r${LENGTH}${LENGTH}\n`],
  ['a body behind a carriage return at the end of a chunk', `${OK}${LENGTH}\r${LENGTH}${LENGTH}`],
  ['a header whose name is longer', `${OK}${LENGTH}content-length-x: 3\r\n\r\n`],
  ['a line without an end', `${OK}${LENGTH}content-length: 3`],
  ['no HTTP', `<html>\n${LENGTH}${LENGTH}\n`],
])('leaves %s as it came, wherever the bytes are divided', (_what, sent) => {
  for (let at = 0; at <= sent.length; at += 1)
    expect(renamed([sent.slice(0, at), sent.slice(at)])).toBe(sent);
});

it('passes on at once what is no HTTP, and a line that is longer than a head may be', () => {
  const renamer = new LengthRenamer();
  const pass = (text: string): string => renamer.rename(Buffer.from(text)).toString();
  expect(pass('<html>hello')).toBe('<html>hello');
  const head = new LengthRenamer();
  const line = 'y'.repeat(64 * 1_024 + 1);
  expect(head.rename(Buffer.from(`${OK}${line}`)).toString()).toBe(`${OK}${line}`);
});
