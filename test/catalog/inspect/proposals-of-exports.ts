/** Catalogs as data sets, shops and databases export them, and what an inspection proposes. */
import type { ProposalCase } from './further-proposals';

const url = (n: number | string): string => `http://a/${n}.jpg`;
const lines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

export const PROPOSALS_OF_EXPORTS: readonly ProposalCase[] = [
  [
    'records that Python printed, one a line',
    'meta.json',
    `{'asin': '0001', 'imUrl': '${url(1)}', 'title': '5" x}'}\n{'asin': "1's", 'imUrl': u'${url(2)}'}\n`,
    2,
    '--format ndjson --id-column asin --url-column imUrl',
  ],
  [
    'dictionaries of Python in cells',
    'frame.csv',
    `id,images\n1,"[{'url': '${url(1)}', 'width': None}, {'url': '${url(2)}'}]"\n2,[]\n`,
    2,
    `--url-column 'images[].url' --many`,
  ],
  [
    'arrays of NumPy in cells',
    'arrays.csv',
    `id,images\n1,"['${url(1)}' '${url(2)}'\n '${url(3)}']"\n2,"['${url(4)}']"\n`,
    4,
    '--url-column images --many',
  ],
  [
    'a long list of URLs under a key, beside other lists',
    'lists.json',
    JSON.stringify({
      captions: Array.from({ length: 1_200 }, () => 'a chair'),
      image_urls: Array.from({ length: 1_200 }, (_, n) => url(n)),
    }),
    1_200,
    '--records image_urls --id-from url --url-column value',
  ],
  [
    'records with relative URLs, beside the address of the next page',
    'page.json',
    JSON.stringify({
      next: 'http://a/api?page=2',
      results: [1, 2].map((id) => ({ id, poster: `/${id}.jpg` })),
    }),
    2,
    '--records results --url-column poster --base-url https://HOST/PATH/',
  ],
  [
    'records with paths in a column of images',
    'paths.json',
    JSON.stringify({ count: 2, records: [1, 2].map((id) => ({ id, images: [`/Show?id=${id}`] })) }),
    2,
    '--records records --url-column images --base-url https://HOST/PATH/',
  ],
  [
    'records five objects deep',
    'deep.json',
    JSON.stringify({ a: { b: { c: { d: { e: [1, 2].map((id) => ({ id, url: url(id) })) } } } } }),
    2,
    '--records a.b.c.d.e',
  ],
  [
    'images that are a text, a list or an object',
    'linked.json',
    JSON.stringify({
      '@graph': [url(1), [url(2), url(3)], { contentUrl: url(4) }, [{ contentUrl: url(5) }]].map(
        (image, n) => ({ '@id': `x:${n}`, image }),
      ),
    }),
    5,
    '--records @graph --id-column @id --url-column image --url-column image.contentUrl ' +
      `--url-column 'image[].contentUrl' --many`,
  ],
  [
    'originals beside thumbnails that alone are called images',
    'attachments.jsonl',
    lines(
      [1, 2].map((id) => ({
        id,
        files: [{ url: `http://a/full/${id}`, thumbnails: { small: `http://a/small/${id}` } }],
        page: `http://a/${id}`,
      })),
    ),
    4,
    `--url-column 'files[].thumbnails.small' --url-column 'files[].url'`,
  ],
  [
    'a sequence of JSON texts',
    'sequence.json',
    [1, 2].map((id) => `\u001E${JSON.stringify({ id, url: url(id) })}\n`).join(''),
    2,
    '',
  ],
  [
    'a column of URLs without a name',
    'unnamed.csv',
    `id,title,\n1,a,${url(1)}\n2,b,${url(2)}\n`,
    2,
    '--url-column column_3',
  ],
  [
    'names of files, without a header',
    'inventory.csv',
    '"bucket","images/a 1.jpg","12"\n"bucket","images/b.jpg","13"\n'.replace(' ', '+'),
    2,
    '--id-from url --url-column column_2 --base-url https://HOST/PATH/ --no-header',
  ],
  [
    'URLs inside markup, without a header',
    'list.md',
    `- [One](${url(1)})\n- [Two](${url(2)}) and words\n`,
    2,
    '--format csv --id-from url --url-column column_1 --no-header',
  ],
  [
    'several columns of one name',
    'photos.csv',
    `id,Photo,Photo,Photo\n1,${url(1)},${url(2)},\n2,${url(3)},,\n`,
    3,
    '--url-column Photo --many',
  ],
  [
    'objects under names of files',
    'assets.jsonl',
    lines(
      [1, 2].map((id) => ({
        id,
        assets: { 'B04.jp2': { href: url(`${id}a`) }, small: { href: url(`${id}b`) } },
      })),
    ),
    4,
    `--url-column 'assets[].href' --many`,
  ],
  [
    'objects under other names in each record',
    'media.jsonl',
    lines(Array.from({ length: 600 }, (_, id) => ({ id, media: { [`m${id}`]: { u: url(id) } } }))),
    600,
    `--url-column 'media[].u'`,
  ],
  [
    'objects of which most have the same names, and some many others',
    'claims.jsonl',
    lines(
      Array.from({ length: 200 }, (_, id) => ({
        id,
        claims: { image: url(id), kind: 'x', date: 'y', [`p${id % 60}`]: 'z' },
      })),
    ),
    200,
    '--url-column claims.image',
  ],
  [
    'JSON that is a text in JSON',
    'texts.jsonl',
    lines([1, 2].map((id) => ({ id, meta: { list: JSON.stringify([{ url: url(id) }]) } }))),
    2,
    `--url-column 'meta.list[].url'`,
  ],
  [
    'JSON that is a text in a cell of JSON',
    'twice.csv',
    `id,images\n1,"${JSON.stringify(JSON.stringify([{ url: url(1) }])).replaceAll('"', '""')}"\n`,
    1,
    `--url-column 'images[].url'`,
  ],
  [
    'a list of texts that are JSON records',
    'records.json',
    JSON.stringify([1, 2].map((id) => JSON.stringify({ id, url: url(id) }))),
    2,
    '',
  ],
  [
    'images of which nothing but the name of the column tells, in Dutch',
    'kunst.csv',
    'id,link,Afbeelding\n1,http://a/x/1,http://b/1\n2,http://a/x/2,http://b/2\n',
    2,
    '--url-column Afbeelding',
  ],
  [
    'images of which nothing but the name of the column tells, in Japanese',
    'art.csv',
    'id,link,\u753b\u50cf\n1,http://a/x/1,http://b/1\n2,http://a/x/2,http://b/2\n',
    2,
    "--url-column '\u753b\u50cf'",
  ],
  [
    'a table of Org mode, with a line below the header and the end of a file of DOS',
    'table.org.txt',
    `| id | url |\n|----+-----|\n| 1 | ${url(1)} |\n| 2 | ${url(2)} |\n\u001a`,
    2,
    `--input '{"delimiter":"|"}'`,
  ],
  [
    'a table in Markdown',
    'table.md',
    `Some words\n\n| id | Image |\n|:-:|---|\n| 1 | ![one](${url(1)}) |\n| 2 | ${url(2)} |\n`,
    2,
    `--format csv --url-column Image --input '{"delimiter":"|"}'`,
  ],
];
