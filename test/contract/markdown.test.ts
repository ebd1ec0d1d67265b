/** Text from outside stays text in the details. */
import { command, cut, inline, moment, page, table } from '../../src/contract/markdown';

/** The given text → the text in the details. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['images.example.org:8080', 'images.example.org:8080'],
  ['http_404', 'http_404'],
  ['a | b', 'a \\| b'],
  ['<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
  ['![x](javascript:alert(1))', '!\\[x\\](javascript:alert(1))'],
  ['**bold** _so_ ~~gone~~ `code`', '\\*\\*bold\\*\\* \\_so\\_ \\~\\~gone\\~\\~ \\`code\\`'],
  ['&lt; \\', '\\&lt; \\\\'],
  ['cancel --workflow-id a-b', 'cancel \\-\\-workflow-id a-b'],
  ['one\n\n# two\r\n| three', 'one # two \\| three'],
  ['right-to-left \u202e gnp', 'right-to-left gnp'],
  ['https://evil.example', 'https\u2060://evil.example'],
  ['www.evil.example', 'www\u2060.evil.example'],
  ['me@evil.example', 'me\u2060@evil.example'],
];

describe('text in the details', () => {
  it.each(TEXTS)('%j becomes %j', (given, expected) => {
    expect(inline(given)).toBe(expected);
  });

  it('is bounded and cut between characters', () => {
    expect(cut('🖼'.repeat(100), 20)).toBe('🖼🖼🖼🖼…');
    expect(inline('|'.repeat(1_000), 100).length).toBeLessThanOrEqual(200);
    expect(cut('short', 5)).toBe('short');
  });

  it('stays in its cell of a table', () => {
    const lines = table(['host', 'until'], [[inline('a|b\n|c|'), 'now']]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]?.match(/(?<!\\)\|/g)).toHaveLength(3);
  });

  it('is shown as a time where it is an ISO 8601 time', () => {
    expect(moment('2026-01-02T03:04:05.678Z')).toBe('2026-01-02 03:04:05 UTC');
    expect(moment('<soon>')).toBe('\\<soon\\>');
  });

  it('is unchanged in a command and cannot end the block', () => {
    expect(command("echo '```'")).toBe("```\necho '```'\n```");
  });
});

describe('the details', () => {
  it('omit the last sections when they would be too long, and say so', () => {
    const text = page(['first', null, '', 'x'.repeat(8_990), 'last']);
    expect(text).toMatch(/^first\n\nx+\n\n\(The page is full/);
    expect(page(['a', 'b'])).toBe('a\n\nb');
  });
});
