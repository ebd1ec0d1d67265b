/**
 * Names of columns and cells of several URLs, in the forms in which programs and museums write
 * them.
 */
import { DataRootFixture } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const [ONE, TWO] = ['http://a.test/1.jpg', 'http://a.test/2.jpg'];

describe('a column that the input does not name, in the file of', () => {
  it.each([
    ['pandas, with its index', `,id,url\n0,x,${ONE}\n1,y,${TWO}\n`],
    ['R, with its row names', `"","id","url"\n"1","x","${ONE}"\n"2","y","${TWO}"\n`],
    ['Excel, with commas at the ends of lines', `id,url,,\nx,${ONE},,\ny,${TWO},,\n`],
    ['a tracker, with a name twice', `id,Label,Label,url\nx,a,b,${ONE}\ny,c,d,${TWO}\n`],
    ['a join, with a name in upper case too', `id,title,TITLE,url\nx,a,b,${ONE}\ny,c,d,${TWO}\n`],
    ['a spreadsheet, with spaces for a name', `id,  ,url\nx,a,${ONE}\ny,b,${TWO}\n`],
    ['a program, with a byte order mark before no name', `\uFEFF,id,url\n0,x,${ONE}\n1,y,${TWO}\n`],
    ['a program, with a delimiter behind the header only', `id,url,\nx,${ONE}\ny,${TWO}\n`],
    ['a program, with a delimiter behind each row only', `id,url\nx,${ONE},\ny,${TWO},\n`],
    [
      'a program, with delimiters behind rows of several lines',
      `id,t,url\nx,"a\nb",${ONE},\ny,,${TWO},\n`,
    ],
    ['an export, whose byte order mark was encoded twice', `ï»¿id,url\nx,${ONE}\ny,${TWO}\n`],
    [
      'two files, with a byte order mark before the second header',
      `id,url\nx,${ONE}\n\uFEFFid,url\ny,${TWO}\n`,
    ],
    [
      'two files, with a byte order mark before the second one’s row',
      `id,url\nx,${ONE}\n\uFEFFy,${TWO}\n`,
    ],
  ])('%s, does not refuse the catalog', async (_, text) => {
    expect(await fixture.readText(text)).toMatchObject({ rows: 2, images: 2, rejected: 0 });
    const rows = await fixture.rows();
    expect(rows.map(({ source_image_id: id }) => id)).toEqual(['x', 'y']);
  });
});

describe('a row with fields beyond the header', () => {
  it('is rejected if one of them is filled, or if a column with a name is missing', async () => {
    const text = `id,url,\nx,${ONE}\nu,${ONE},title\ny,${TWO},,,z\nz\n`;
    expect(await fixture.readText(text)).toMatchObject({ rows: 4, images: 2, rejected: 2 });
    expect(fixture.rejects().map(({ detail }) => detail)).toEqual([
      '5 fields where the header has 3',
      '1 fields where the header has 3',
    ]);
    const [, second] = await fixture.rows();
    expect(second).toMatchObject({ source_image_id: 'u', column_3: 'title' });
  });
});

describe('two URLs in a cell', () => {
  it.each([
    ['a bar', '|'],
    ['a bar between spaces', ' | '],
    ['a semicolon', ';'],
    ['a semicolon and a space', '; '],
    ['a comma', ','],
    ['a space', ' '],
    ['a line end', '\n'],
    ['a line end of Windows', '\r\n'],
    ['a tab', '\t'],
  ])('are separated by %s', async (_, separator) => {
    const text = `id,url\nx,"${ONE}${separator}${TWO}"\n`;
    expect(await fixture.readText(text, { many: true })).toMatchObject({ images: 2, rejected: 0 });
    const rows = await fixture.rows();
    expect(rows.map(({ thumb_url: url }) => url)).toEqual([ONE, TWO]);
  });

  it.each([
    ['an archive', `https://web.archive.org/web/2020/${ONE}`],
    ['a proxy', `https://images.test/resize?url=${ONE}`],
    ['a proxy, without a question mark', `https://images.test/w:300/plain/${ONE}`],
    ['a fragment', `https://viewer.test/#${ONE}`],
  ])('are one where the second is a part of the first: %s', async (_, url) => {
    const text = `id,url\nx,"${url}"\n`;
    expect(await fixture.readText(text, { many: true })).toMatchObject({ images: 1, rejected: 0 });
    expect((await fixture.rows())[0]).toMatchObject({ thumb_url: url });
  });
});
