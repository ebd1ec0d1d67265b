/** Shapes of catalogs beyond one row an image: what each record becomes. */
import type { ResolvedInput } from '../../src/contract/run-input';
import { DataRootFixture, hash, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const [ONE, TWO, THREE] = ['http://a/1.jpg', 'http://a/2.jpg', 'http://a/3.jpg'];

describe('several rows an id', () => {
  const text = `id,url,object_id\nx,${ONE},o1\nx,${TWO},o2\nx,${ONE},o3\ny,${THREE},\ny,,\nz,,\n`;

  it('are images of one object with `many`, each with the hash of its URL', async () => {
    const result = await fixture.readText(text, { many: true });

    expect(result).toMatchObject({ rows: 6, images: 5, noUrl: 2, rejected: 0, duplicates: 1 });
    const rows = await fixture.rows();
    expect(
      rows.map((row) => [row.source_image_id, row.object_id, row.image_number, row.record]),
    ).toEqual([
      [`x#${hash(ONE)}`, 'x', '1', '1'],
      [`x#${hash(TWO)}`, 'x', '2', '2'],
      [`y#${hash(THREE)}`, 'y', '1', '4'],
      ['y', 'y', null, '5'],
      ['z', 'z', null, '6'],
    ]);
    expect(rows[0]).toMatchObject({ catalog_object_id: 'o1', thumb_url: ONE });
  });

  it('conflict without it, and a column object_id keeps its name', async () => {
    const result = await fixture.readText(text);
    expect(result).toMatchObject({ rows: 6, images: 3, noUrl: 1, rejected: 1, duplicates: 2 });
    expect((await fixture.rows())[0]).toMatchObject({ source_image_id: 'x', object_id: 'o1' });
  });
});

describe('a column and a path into it', () => {
  it('are both taken: texts are URLs, and objects have them inside', async () => {
    const records = [ONE, { src: TWO }, [{ src: THREE }], { alt: 'x' }, null];
    const text = records.map((image, id) => `${JSON.stringify({ id, image })}\n`).join('');
    const columns = { id: 'id', url: ['image', 'image.src'] };
    const result = await fixture.readText(text, { format: 'ndjson', columns });
    expect(result).toMatchObject({ rows: 5, images: 5, noUrl: 2, rejected: 0 });
    expect(await fixture.images()).toEqual([
      ['0#image', ONE],
      ['1#image.src', TWO],
      ['2#image.src', THREE],
      ['3', null],
      ['4', null],
    ]);
    const only = { id: 'id', url: 'image.src' };
    expect(await fixture.readText(text, { format: 'ndjson', columns: only })).toMatchObject({
      ...{ rows: 5, images: 4, rejected: 1 },
    });
  });
});

describe('several URLs in a cell', () => {
  const text = `id,url\nx,"${ONE}, ${TWO}"\ny,"[""${THREE}"",""${ONE}""]"\nz,${TWO}\n`;

  it('are images with `many`', async () => {
    expect(await fixture.readText(text, { many: true })).toMatchObject({ rows: 5, images: 5 });
    expect(await fixture.images()).toEqual([
      [`x#${hash(ONE)}`, ONE],
      [`x#${hash(TWO)}`, TWO],
      [`y#${hash(THREE)}`, THREE],
      [`y#${hash(ONE)}`, ONE],
      [`z#${hash(TWO)}`, TWO],
    ]);
  });

  it('are never one URL: without `many` the first is taken, each other is a conflict', async () => {
    const result = await fixture.readText(text);
    expect(result).toMatchObject({ rows: 5, images: 3, rejected: 2, duplicates: 0 });
    expect(await fixture.images()).toEqual([
      ['x', ONE],
      ['y', THREE],
      ['z', TWO],
    ]);
    expect(fixture.rejects()).toEqual(
      [1, 2].map((record) => ({
        ...{ record, line: record + 1, id: record === 1 ? 'x' : 'y', code: 'duplicate_conflict' },
        detail: 'the row has several URLs, of which the first is kept',
      })),
    );
  });

  it('are one URL where the input says that nothing separates them', async () => {
    expect(await fixture.readText(text, { urlSeparator: '' })).toMatchObject({ images: 3 });
    expect((await fixture.images())[0]).toEqual(['x', `${ONE}, ${TWO}`]);
  });

  it('reject the row when they are more than a row may have', async () => {
    const cell = Array.from({ length: 10_001 }, (_, n) => `http://a/${n}`).join(' ');
    const result = await fixture.readText(`id,url\nx,${cell}\ny,${ONE}\n`, { many: true });
    expect(result).toMatchObject({ rows: 2, images: 1, rejected: 1 });
    expect(fixture.rejects()).toMatchObject([
      { code: 'bad_row', detail: 'the row has 10001 URLs' },
    ]);
  });
});

describe('no id column', () => {
  it('makes the hash of the URL the id with `idFrom`, and rows without a URL are rejected', async () => {
    const text = `brand,url\nb,${ONE}\nb,${ONE}\nc,\nd,${TWO}\n`;
    const result = await fixture.readText(text, { idFrom: 'url' });
    expect(result).toMatchObject({ rows: 4, images: 2, rejected: 1, duplicates: 1 });
    expect(await fixture.images()).toEqual([
      [hash(ONE, 32), ONE],
      [hash(TWO, 32), TWO],
    ]);
    expect(fixture.rejects()).toMatchObject([{ record: 3, line: 4, code: 'bad_id' }]);
  });

  it('the number of the record is the id', async () => {
    const text = `brand,url\nb,${ONE}\nb,${ONE}\nc,\n`;
    const result = await fixture.readText(text, { idFrom: 'record' });
    expect(result).toMatchObject({ rows: 3, images: 3, noUrl: 1, rejected: 0 });
    expect(await fixture.images()).toEqual([
      ['1', ONE],
      ['2', ONE],
      ['3', null],
    ]);
  });

  it('is refused with the option that makes ids', async () => {
    const error = await stepErrorOf(fixture.readText(`brand,url\nb,${ONE}\n`));
    expect(error.code).toBe('catalog_columns');
    expect(error.message).toContain('--id-from url');
  });
});

describe('a list of URLs', () => {
  it('has one image a line, commas and blanks inside URLs included', async () => {
    const text = `${ONE}\r\n\n  http://a/b,c d;e.jpg\nnot a URL\n${ONE}\n`;
    const result = await fixture.readText(text, { format: 'urls', idFrom: 'url' });
    expect(result).toMatchObject({ rows: 4, images: 3, duplicates: 1 });
    const urls = [ONE, 'http://a/b,c d;e.jpg', 'not a URL'];
    expect(await fixture.images()).toEqual(urls.map((url) => [hash(url, 32), url]));
  });

  it.each([
    ['a list of URLs', `\uFEFF\n${ONE}\n${TWO}\n`, { images: 2 }],
    ['a list of URLs with comments', `# a http://b/\n\n${ONE}\n#\n${TWO}`, { rows: 2, images: 2 }],
    ['TSV', `id\turl\na\t${ONE}\n`, { images: 1 }],
    ['TSV with a header like a comment', `#\tid\turl\n1\ta\t${ONE}\n`, { images: 1 }],
    ['CSV', `id,url\na,${ONE}\n`, { images: 1 }],
  ])('and a .txt file may be %s', async (_, text, counts) => {
    expect(await fixture.readText(text, { format: 'txt' })).toMatchObject(counts);
  });

  it('has no id column', async () => {
    const input = { format: 'txt', columns: { id: 'key', url: 'url' } } as const;
    const error = await stepErrorOf(fixture.readText(`${ONE}\n`, input));
    expect(error).toMatchObject({ code: 'catalog_columns' });
    expect(error.message).toContain('has no column "key"');
  });
});

describe('no header', () => {
  it.each(['2', 'column_2'])(
    'the first row is a record, and columns are named by %s',
    async (url) => {
      const text = `${ONE},${TWO}\n${THREE},http://a/4.jpg\nmore,than,two\n`;
      const input: Partial<ResolvedInput> = {
        ...{ header: false, idFrom: 'record', columns: { id: 'id', url } },
      };
      const result = await fixture.readText(text, input);
      expect(result).toMatchObject({ rows: 3, images: 2, rejected: 1 });
      expect(await fixture.rows()).toMatchObject([
        { source_image_id: '1', thumb_url: TWO, column_1: ONE },
        { source_image_id: '2', thumb_url: 'http://a/4.jpg' },
      ]);
      expect(fixture.rejects()).toMatchObject([
        { record: 3, line: 3, detail: '3 fields where the first row has 2' },
      ]);
    },
  );
});

describe('several columns', () => {
  it('with URLs: each is an image, named by its column', async () => {
    const text = `id,front,back\nx,${ONE},${TWO}\ny,,${THREE}\nz,,\n`;
    const result = await fixture.readText(text, { columns: { id: 'id', url: ['front', 'back'] } });
    expect(result).toMatchObject({ rows: 4, images: 4, noUrl: 1 });
    expect(
      (await fixture.rows()).map((row) => [row.source_image_id, row.url_column, row.object_id]),
    ).toEqual([
      ['x#front', 'front', 'x'],
      ['x#back', 'back', 'x'],
      ['y#back', 'back', 'y'],
      ['z', null, 'z'],
    ]);
  });

  it('with parts of the id: they are joined by a bar', async () => {
    const text = `a,b,url\nx,1,${ONE}\nx,2,${TWO}\nx|1,,${THREE}\n\\,y,${ONE}\n,,${ONE}\n`;
    const result = await fixture.readText(text, { columns: { id: ['a', 'b'], url: 'url' } });
    expect(result).toMatchObject({ rows: 5, images: 4, rejected: 1 });
    expect((await fixture.images()).map(([id]) => id)).toEqual(['x|1', 'x|2', 'x\\|1|', '\\\\|y']);
  });
});

describe('URLs that the catalog does not have as they are', () => {
  it('are made by a template', async () => {
    const result = await fixture.readText('id,page\nx,1\ny,12\nz,\n', {
      urlTemplate: 'https://h.example/{id}/{page:03}.jpg',
    });
    expect(result).toMatchObject({ rows: 3, images: 3, noUrl: 1 });
    expect(await fixture.images()).toEqual([
      ['x', 'https://h.example/x/001.jpg'],
      ['y', 'https://h.example/y/012.jpg'],
      ['z', null],
    ]);
  });

  it('a column that the template names must be there', async () => {
    const input = { urlTemplate: 'https://h.example/{image}.jpg' };
    const error = await stepErrorOf(fixture.readText('id\nx\n', input));
    expect(error).toMatchObject({ code: 'catalog_columns' });
    expect(error.message).toContain('no column "image"');
  });

  it('are put behind a base', async () => {
    await fixture.readText('id,url\nx,/1.jpg\ny,http://o/2.jpg\nz,\n', {
      baseUrl: 'https://h.example/t',
    });
    expect((await fixture.images()).map(([, url]) => url)).toEqual([
      ...['https://h.example/t/1.jpg', 'http://o/2.jpg', null],
    ]);
  });
});
