/** The one place where texts become markup. */
import { exactly, foreign, html, join } from '../../src/report/html/html';

describe('markup of a report', () => {
  it('escapes every character with a meaning in texts and attributes', () => {
    expect(html`<p title="${`"'<>&`}">${'<script>alert(1)</script>'}</p>`.text).toBe(
      '<p title="&quot;&#39;&lt;&gt;&amp;">&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    );
  });

  it('leaves markup as it is, and joins it', () => {
    const items = [html`<li>${1}</li>`, html`<li>${'&'}</li>`];
    expect(join(items, ', ').text).toBe('<li>1</li>, <li>&amp;</li>');
    expect(html`<b>${join(items)}</b>`.text).toBe('<b><li>1</li><li>&amp;</li></b>');
  });

  it('writes characters that change the direction, or are invisible, as their code points', () => {
    expect(foreign('a\u202Egnp.exe\u0000\u2028\uFEFF\u{E0041}').text).toBe(
      String.raw`<bdi>a\u{202E}gnp.exe\u{0000}\u{2028}\u{FEFF}\u{E0041}</bdi>`,
    );
  });

  it('leaves joiners as they are where words and emoji are spelt with them', () => {
    const spelt = ['می\u200Cخواهم', 'क्\u200Dष', '👩\u200D🎨', '🏳\uFE0F\u200D🌈', '👩🏽\u200D🎨'];
    for (const text of spelt) expect(foreign(text).text).toBe(`<bdi>${text}</bdi>`);
    expect(foreign('a\u200Db \u200Cc\u200C').text).toBe(
      String.raw`<bdi>a\u{200D}b \u{200C}c\u{200C}</bdi>`,
    );
    expect(foreign('م\u200C\u202Eم').text).toBe(String.raw`<bdi>م\u{200C}\u{202E}م</bdi>`);
  });

  it('keeps every character of the value of a field, and shows none as markup', () => {
    expect(exactly('"><b>\u202Ea\u200Bb\u{E0041}').text).toBe(
      '&quot;&gt;&lt;b&gt;&#x202e;a&#x200b;b&#xe0041;',
    );
  });

  it('cuts a long text between whole characters', () => {
    expect(foreign('😀'.repeat(1_000_000), 3).text).toBe('<bdi>😀😀😀…</bdi>');
    expect(foreign('abc', 3).text).toBe('<bdi>abc</bdi>');
    expect(html`${'\uD83D'}`.text).toBe(String.raw`\u{D83D}`);
  });
});
