/** Text from catalogs and servers cannot control a terminal. */
import { printable } from '../../src/cli/terminal';
import { cleanDetail } from '../../src/download/entry/outcome-line';

const HOSTILE = [
  ['a colour', '\u001b[31mred'],
  ['a title of the window', '\u001b]0;owned\u0007'],
  ['C1 controls', '\u009b31mred'],
  ['a line that overwrites another', 'ok\rFAILED'],
  ['a backspace', 'ok\b\bno'],
  ['an override of direction', 'gpj.\u202ecod.exe'],
  ['isolates and marks of direction', 'a\u2066b\u2069c\u200ed\u200f'],
  ['separators of lines', 'a\u2028b\u2029c'],
  ['NUL and DEL', 'a\u0000b\u007f'],
] as const;

/** Characters that a terminal obeys, except tab and newline, which tables need. */
const OBEYED = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe('text from outside', () => {
  it.each(HOSTILE)(
    'is harmless in a terminal and in a ledger’s detail when it has %s',
    (_what, text) => {
      expect(text).toMatch(OBEYED);
      expect(printable(text)).not.toMatch(OBEYED);
      expect(cleanDetail(text)).not.toMatch(OBEYED);
      expect(cleanDetail(text)).not.toMatch(/[\t\r\n]/);
    },
  );

  it('is unchanged in any script', () => {
    for (const text of ['čeština', 'العربية', '日本語', '👩‍🎨', 'a\tb\nc'])
      expect(printable(text)).toBe(text);
  });
});
