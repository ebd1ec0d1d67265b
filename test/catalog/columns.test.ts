/** Columns named by a path into JSON, and columns that the input does not name. */
import { DataRootFixture, hash, query, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const [ONE, TWO, THREE] = ['http://a/1.jpg', 'http://a/2.jpg', 'http://a/3.jpg'];

describe('values inside JSON', () => {
  const records = [
    { id: 1, image: { thumb: ONE }, images: [{ url: TWO }, { url: THREE }, { url: null }, {}] },
    { id: 2, image: null, images: [] },
    { id: 3, images: 'none' },
  ];
  const lines = records.map((record) => JSON.stringify(record)).join('\n');

  it('are named by a path', async () => {
    const columns = { id: 'id', url: 'image.thumb' };
    const result = await fixture.readText(lines, { format: 'ndjson', columns });
    expect(result).toMatchObject({ rows: 3, images: 3, noUrl: 2, rejected: 0 });
    expect(await fixture.images()).toEqual([
      ['1', ONE],
      ['2', null],
      ['3', null],
    ]);
  });

  it('may be several', async () => {
    const columns = { id: 'id', url: 'images[].url' };
    const input = { format: 'ndjson', columns, many: true } as const;
    expect(await fixture.readText(lines, input)).toMatchObject({
      images: 3,
      noUrl: 1,
      rejected: 1,
    });
    expect(await fixture.images()).toEqual([
      [`1#${hash(TWO)}`, TWO],
      [`1#${hash(THREE)}`, THREE],
      ['2', null],
    ]);
  });

  it('in CSV cells and Parquet lists likewise, and ids keep their digits', async () => {
    const text =
      'meta,url\n"{""id"":9007199254740993}",http://a/\n{,http://b/\n"{""id"":[1]}",http://c/\n';
    const result = await fixture.readText(text, { columns: { id: 'meta.id', url: 'url' } });
    expect(result).toMatchObject({ images: 1, rejected: 2 });
    expect(await fixture.images()).toEqual([['9007199254740993', 'http://a/']]);
    expect(fixture.rejects()).toMatchObject([{ code: 'bad_row' }, { code: 'bad_id' }]);

    const file = fixture.path('catalogs', 'n.parquet');
    await query(
      `COPY (SELECT 'a' AS id, [{'url': '${ONE}'}, {'url': '${TWO}'}] AS media) TO '${file}' (FORMAT parquet)`,
    );
    const columns = { id: 'id', url: 'media[1].url' };
    await fixture.parse('catalogs/n.parquet', { format: 'parquet', columns });
    expect(await fixture.images()).toEqual([['a', TWO]]);
  });

  it('a column of exactly that name comes first', async () => {
    const columns = { id: 'id', url: 'image.thumb' };
    const text = `id,image.thumb,image\nx,${ONE},"{""thumb"":""${TWO}""}"\n`;
    await fixture.readText(text, { columns });
    expect(await fixture.images()).toEqual([['x', ONE]]);
  });
});

describe('columns that the input does not name', () => {
  it('are renamed when they have no name, or the name of another', async () => {
    const text = `,ID,id,url,Label,label,Label_1,record,catalog_record\n0,a,b,${ONE},1,2,3,4,5\n`;
    expect(await fixture.readText(text)).toMatchObject({ images: 1 });
    expect((await fixture.rows())[0]).toEqual({
      ...{ source_image_id: 'b', record: '1', thumb_url: ONE, column_1: '0', ID_1: 'a', id: 'b' },
      ...{ url: ONE, Label: '1', label_1: '2', Label_1_1: '3', catalog_record: '4' },
      catalog_record_1: '5',
    });
  });

  it('but a column with ids, or of a template, must be the only one of its name', async () => {
    const error = await stepErrorOf(fixture.readText(`id,id,url\na,b,${ONE}\n`));
    expect(error).toMatchObject({ code: 'catalog_columns' });
    expect(error.message).toContain('2 columns are called "id"');
    const urlTemplate = 'http://a.test/{n}.jpg';
    const other = await stepErrorOf(fixture.readText('id,n,n\na,1,2\n', { urlTemplate }));
    expect(other.message).toContain('2 columns are called "n"');
  });
});

describe('several columns of one name', () => {
  const text = `id,url,title,url,url\na,${ONE},x,${TWO},\nb,,y,,\nc,,z,${ONE},\n`;

  it('all have URLs, which `many` takes', async () => {
    expect(await fixture.readText(text, { many: true })).toMatchObject({
      ...{ rows: 4, images: 4, noUrl: 1, rejected: 0 },
    });
    expect(await fixture.images()).toEqual([
      [`a#${hash(ONE)}`, ONE],
      [`a#${hash(TWO)}`, TWO],
      ['b', null],
      [`c#${hash(ONE)}`, ONE],
    ]);
    const [first] = await fixture.rows();
    expect(first).toMatchObject({ url: ONE, url_1: TWO, url_2: null });
  });

  it('give the first URL of a row without `many`, and each other one is reported', async () => {
    expect(await fixture.readText(text)).toMatchObject({ rows: 4, images: 3, rejected: 1 });
    expect(fixture.rejects()).toMatchObject([{ line: 2, code: 'duplicate_conflict' }]);
  });
});
