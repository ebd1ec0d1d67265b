import {
  expandUrlTemplate,
  parseUrlTemplate,
  withBaseUrl,
} from '../../../src/contract/catalog/url-template';

function expand(template: string, values: Readonly<Record<string, string | null>>): string | null {
  const parsed = parseUrlTemplate(template);
  if (typeof parsed === 'string') throw new Error(parsed);
  return expandUrlTemplate(parsed, (column) => values[column] ?? null);
}

describe('a URL template', () => {
  it.each([
    [
      'https://h.example/{image_id}/full/843,/0/default.jpg',
      'https://h.example/ab/full/843,/0/default.jpg',
    ],
    ['https://h.example/{n:03}.png', 'https://h.example/007.png'],
    ['https://h.example{path}', 'https://h.example/p/1.jpg'],
    ['https://h.example/{path:encode}', 'https://h.example/%2Fp%2F1.jpg'],
    ['https://h.example/{odd}', 'https://h.example/a%20b%3Fc%23%20100%25'],
    ['https://h.example/{escaped}', 'https://h.example/a%20b'],
    ['https://h.example/{{{n}}}', 'https://h.example/{7}'],
    ['{start}{path}', 'http://o.example?x=/p/1.jpg'],
    ['https://h.example/{nothing}.jpg', null],
  ])('%s becomes %s', (template, url) => {
    const values = {
      ...{ image_id: 'ab', n: '7', path: '/p/1.jpg', odd: ' a b?c# 100%', escaped: 'a%20b' },
      ...{ start: 'http://o.example?x=', nothing: ' ' },
    };
    expect(expand(template, values)).toBe(url);
  });

  it.each([
    ['https://h.example/1.jpg', /no column in braces/],
    ['https://h.example/{id', /a brace stands alone/],
    ['https://h.example/id}', /a brace stands alone/],
    ['https://h.example/{id:x}', /a brace stands alone/],
    ['https://h.example/{}', /a brace stands alone/],
  ])('is not %s', (template, problem) => {
    expect(parseUrlTemplate(template)).toMatch(problem);
  });
});

describe('a base URL', () => {
  it.each([
    ['/a/1.jpg', 'https://h.example/t/p/w500', 'https://h.example/t/p/w500/a/1.jpg'],
    ['1.jpg', 'https://h.example/t/', 'https://h.example/t/1.jpg'],
    ['1.jpg', 'https://h.example/?file=', 'https://h.example/?file=1.jpg'],
    ['//cdn.example/1.jpg', 'https://h.example/', 'https://cdn.example/1.jpg'],
    ['http://o.example/1.jpg', 'https://h.example/', 'http://o.example/1.jpg'],
    ['data:image/png;base64,AA', 'https://h.example/', 'data:image/png;base64,AA'],
    ['vol.2:12/1.jpg', 'https://h.example/', 'https://h.example/vol.2:12/1.jpg'],
  ])('turns %s into a URL of %s: %s', (url, base, whole) => {
    expect(withBaseUrl(url, base)).toBe(whole);
  });
});
