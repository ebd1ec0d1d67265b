/** The one place where texts become markup. */
import { foreign, html, join } from '../../src/report/html/html';

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

  it('cuts a long text between whole characters', () => {
    expect(foreign('😀'.repeat(1_000_000), 3).text).toBe('<bdi>😀😀😀…</bdi>');
    expect(foreign('abc', 3).text).toBe('<bdi>abc</bdi>');
    expect(html`${'\uD83D'}`.text).toBe(String.raw`\u{D83D}`);
  });
});
