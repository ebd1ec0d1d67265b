import fc from 'fast-check';
import { splitUrls } from '../../../src/catalog/records/split-urls';

const A = 'https://a.example/1.jpg';
const B = 'http://b.example/2,3.jpg?x=a;b|c';

test.each([
  ['a comma and a blank', `${A}, ${B}`],
  ['a comma', `${A},${B}`],
  ['a semicolon', `${A};${B}`],
  ['a bar between blanks', `${A} | ${B}`],
  ['a bar', `${A}|${B}`],
  ['a line end', `${A}\r\n${B}`],
  ['a blank', `${A} ${B}`],
  ['several separators, and one at the end', `${A} ,; ${B}, `],
  ['a slash between blanks', `${A} / ${B}`],
  ['an ampersand between blanks', `${A} & ${B}`],
  ['a line end of HTML', `${A}<br>${B}`],
  ['an escaped line end', `${A}\\n${B}`],
  ['a tilde', `${A}~${B}`],
  ['a caret', `${A}^${B}`],
  ['a comma of Chinese', `${A}\u3001${B}`],
  ['a bullet', `${A} \u2022 ${B}`],
  ['a space without width', `${A}\u200b${B}`],
  ['a doubled number sign', `${A}##${B}`],
  ['brackets', `${A}><${B}`],
  ['a JSON list', JSON.stringify([A, null, B])],
  ['a list as Python prints it', `['${A}', None, "${B}"]`],
])('%s between two URLs separates them', (_, cell) => {
  expect(splitUrls(cell, undefined)).toEqual([A, B]);
});

test.each([
  ['angle brackets, as SPARQL gives them', `<${A}>`, [A]],
  ['a formula of a spreadsheet', `=HYPERLINK("${B}";"x")`, [B]],
  ['a formula in French', `=LIEN_HYPERTEXTE( "${A}" )`, [A]],
  ['a formula that shows the image', `=IMAGE("${A}", 1)`, [A]],
  ['a link in Markdown', `[a, b](${A})`, [A]],
  [
    'images in Markdown',
    `![](${A}) and ![x](http://b.example/a_(1).jpg "title")`,
    [A, 'http://b.example/a_(1).jpg'],
  ],
  ['an element of HTML', `<img alt="x" src="${A}">`, [A]],
  [
    'elements inside others',
    `<a href='http://p.example'><img src='${A}'></a><IMG width=1 SRC=${B} />`,
    [A, B],
  ],
  [
    'a link of HTML, with an entity',
    '<a class="x" href="http://a.example/?a=1&amp;b=2">',
    ['http://a.example/?a=1&b=2'],
  ],
  ['names of files before them', `a, b.jpg (${A}),c (1).jpg (${B})`, [A, B]],
  ['brackets', `[${A}]`, [A]],
  ['a list of DuckDB', `[${A}, ${B}]`, [A, B]],
  ['an array of Postgres', `{${A},"${B}"}`, [A, B]],
  ['a set of Python', `{'${A}', '${B}'}`, [A, B]],
  ['quotes', `"${A}"`, [A]],
  ['typographic quotes', `„${A}“`, [A]],
  ['quotes around each', `"${A}","${B}"`, [A, B]],
  ['a formula that is a text', `="${A}"`, [A]],
  ['a style sheet', `background: url('${A}') no-repeat;`, [A]],
  ['a text that PHP serialized', `a:1:{i:0;s:${A.length}:"${A}";}`, [A]],
  [
    'captions behind them',
    `${A} (front), ${A}2.png and ${A}3.gif (back)`,
    [A, `${A}2.png`, `${A}3.gif`],
  ],
  ['elements of HTML behind them', `${A}<br />${B}</li>`, [A, B]],
  ['a set of sources of HTML', `${A} 1x, ${B} 2.5x`, [A, B]],
  ['a set of sources with widths', `${A} 480w,\n ${B} 800w`, [A, B]],
])('URLs are found inside %s', (_, cell, urls) => {
  expect(splitUrls(cell, undefined)).toEqual(urls);
});

test.each([
  ['commas, semicolons, bars and blanks', 'https://a.example/a,b;c|d e/1.jpg, 2.jpg,'],
  ['another URL in its path', 'https://web.archive.org/web/2020/http://b.example/1.jpg'],
  ['another URL behind a number sign', 'https://viewer.example/#http://b.example/1.jpg'],
  ['another URL behind an at sign', 'https://proxy.example/@http://b.example/1.jpg'],
  ['another URL in its query', 'https://proxy.example/?url=http://b.example/1.jpg'],
  ['a text of HTML around it', '<p>x</p><img src="http://a.example/">'],
  ['words before a URL', 'see http://a.example/ http://b.example/'],
])('a URL with %s stays whole', (_, cell) => {
  expect(splitUrls(cell, undefined)).toEqual([cell]);
});

test('blank cells and empty lists have no URL', () => {
  for (const cell of [null, undefined, '', ' \t', '[]', '[null]', '[""]'])
    expect(splitUrls(cell, undefined)).toEqual([]);
});

test('a separator that the input names wins, and an empty one leaves the cell whole', () => {
  expect(splitUrls('a.jpg; b.jpg;', ';')).toEqual(['a.jpg', 'b.jpg']);
  expect(splitUrls(`${A}, ${B}`, ';')).toEqual([`${A}, http://b.example/2,3.jpg?x=a`, 'b|c']);
  expect(splitUrls(`${A}, ${B}`, '')).toEqual([`${A}, ${B}`]);
});

test('URLs joined by any separator come apart unchanged', () => {
  const url = fc
    .webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true })
    .filter((text) => !/[|;,\s]$/.test(text));
  const separator = fc.constantFrom(
    ',',
    ', ',
    ';',
    ' | ',
    '|',
    '\n',
    ' ',
    ' / ',
    '<br>',
    '^',
    '\u3001',
  );
  fc.assert(
    fc.property(fc.array(url, { minLength: 1, maxLength: 5 }), separator, (urls, between) => {
      expect(splitUrls(urls.join(between), undefined)).toEqual(urls);
    }),
  );
});

test('a cell of a million separators, quotes or brackets is looked at once', () => {
  const many = 1_000_000;
  expect(splitUrls(`${A}${', '.repeat(many)}${B}`, undefined)).toEqual([A, B]);
  expect(splitUrls(`${A}${' '.repeat(many)}x`, undefined)).toEqual([`${A}${' '.repeat(many)}x`]);
  for (const mark of ['^', '>', '~', '<br>', '\\n'])
    expect(splitUrls(`${A}${mark.repeat(many)}${B}`, undefined)).toEqual([A, B]);
  expect(splitUrls(`[${"'".repeat(many)}]`, undefined)).toHaveLength(1);
  expect(splitUrls(`${'['.repeat(many)}${']'.repeat(many)}`, undefined)).toHaveLength(1);
  for (const part of [
    '[',
    '![',
    '](http://',
    '<img ',
    '<a href',
    ' src=',
    'x (http://',
    '=A(',
    '<',
    '>',
    ' ',
  ])
    for (const begin of ['<a ', '['])
      expect(splitUrls(`${begin}${part.repeat(many)}http://a`, undefined)).toHaveLength(1);
});
