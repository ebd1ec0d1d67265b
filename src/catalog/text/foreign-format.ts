/**
 * Files that are surely no catalog of a format that is read, by how they begin, and what a user
 * does with each.
 */
import { unusableCatalog } from './unusable-catalog';
import { SPREADSHEET } from './zipped-file';

/** How much of the beginning is looked at, in bytes. */
const HEAD_BYTES = 4_096;

const AGAIN = 'or ask its host why it sent this instead of the listing';

/**
 * The beginning in hexadecimal, and the predicate of the sentence. The first kind that fits counts.
 */
const BINARY: readonly (readonly [RegExp, string])[] = [
  [/^50415231/, 'holds Parquet: set `format` to parquet'],
  [/^504b0304/, 'holds a zip archive inside another packed file: unpack it once'],
  [/^50415245/, 'is Parquet with encrypted metadata: decrypt it with the program that wrote it'],
  [/^28b52ffd/, 'holds zstd inside another packed file: unpack it once'],
  [/^1f8b/, 'holds gzip inside another packed file: unpack it once'],
  [/^fd377a58/, 'holds xz: unpack it, or use gzip'],
  [/^425a683/, 'holds bzip2: unpack it, or use gzip'],
  // lz4, Snappy, and compress.
  [/^(?:04224d18|ff060000734e61507059|1f9d)/, 'is packed: unpack it, or use gzip'],
  [
    /^(?:377abcaf|526172211a)/,
    'is an archive (7z, rar): unpack it, and name the file or the folder',
  ],
  [/^.{514}7573746172/, 'is a tar archive: unpack it into a folder, and name the folder'],
  [/^d0cf11e0/, SPREADSHEET],
  [
    /^53514c69746520666f726d6174203300/,
    'is a database of SQLite: sqlite3 -header -csv FILE "SELECT * FROM TABLE" > works.csv exports a table of it',
  ],
  [
    /^.{16}4455434b/,
    `is a database of DuckDB: duckdb FILE "COPY TABLE TO 'works.parquet'" exports a table of it`,
  ],
  [/^000100005374616e64617264/, 'is a database of Access: export its table as CSV'],
  [
    // ARROW1, FEA1, and the beginning of a stream.
    /^(?:4152524f5731|46454131|f{8}....0000)/,
    'is Arrow or Feather: save it as Parquet, for example with pandas.read_feather("FILE").to_parquet("works.parquet")',
  ],
  [
    /^4f5243(?:0a)?(?:0[0-8]|1.)/,
    'is ORC: save it as Parquet, for example with pandas.read_orc("FILE").to_parquet("works.parquet")',
  ],
  [/^4f626a01/, 'is Avro: save it as Parquet or NDJSON'],
  [
    /^800[2-5]/,
    'is a pickle of Python: save it as Parquet, for example with pandas.read_pickle("FILE").to_parquet("works.parquet")',
  ],
  [/^934e554d5059/, 'is an array of NumPy: save it as CSV or Parquet'],
  [/^89484446/, 'is HDF5: save its table as CSV or Parquet'],
  [/^(?:5244(?:41|42|58)3.0a|580a00)/, 'is data of R: write.csv saves it as CSV'],
  [/^(?:24464c3[23]40|3c73746174615f6474613e)/, 'is data of SPSS or Stata: save it as CSV'],
  [
    // A version, a date, and zeros where the format reserves them.
    /^(?:03|30|31|43|83|8b|cb|f5)..0[1-9a-c](?:0[1-9a-f]|1[\da-f]).{16}0000/,
    'is a table of dBase (dbf): ogr2ogr -f CSV works.csv FILE writes it as CSV',
  ],
  [
    // The length of a document, and its first member.
    /^.{6}00[01][0-9a-f]5f69640{2}/,
    'is BSON of MongoDB: bsondump FILE > works.ndjson writes it as NDJSON',
  ],
  [/^.{6}0{10}.{8}0a/, 'is TFRecord, which is not read: save its table as CSV or Parquet'],
  [/^62706c697374/, 'is a property list: plutil -convert json FILE writes it as JSON'],
  [
    /^(?:4d41544c414220352e30|484541444552205245434f52442a2a|0{24}c2ea8160)/,
    'is data of MATLAB or SAS: save it as CSV',
  ],
  [/^(?:255044462d|7b5c727466)/, 'is a document (PDF, RTF): save its table as CSV'],
  // JPEG, PNG, GIF, WebP, TIFF.
  [
    /^(?:ffd8ff|89504e47|47494638|52494646.{8}57454250|49492a00|4d4d002a)/,
    'is an image, and no listing',
  ],
  [
    /^(?:fffe0000|0000feff|(?!00)..000000(?!00)..000000|000000(?!00)..000000(?!00))/,
    'is UTF-32, which is not read: iconv -f UTF-32 -t UTF-8 FILE > works.csv writes it as UTF-8',
  ],
];

/** The same for text; a byte order mark is left out. */
const TEXT: readonly (readonly [RegExp, string])[] = [
  [
    /^WARC\/\d/,
    'is a web archive (WARC), which has answers instead of a listing: write the URLs of its images into a list, one a line',
  ],
  [
    /^(?:\d{5}[ -~]{5}22\d{5}[ -~]{3}45|=LDR {2})/,
    'is MARC, which is not read: write its records as CSV, with the URLs of field 856',
  ],
  [
    /^(?:#[^\n]*\n)*(?:<[^<>\s]+>|_:\S+)\s+<[^<>\s]+>\s+(?:<[^<>\s]+>|"[^\n]*)\s*[.;,]\s*\n|^\s*@?prefix\s+\S*:\s+</i,
    'is RDF (N-Triples, Turtle), which is not read: query it by SPARQL, and save the result as CSV',
  ],
  [
    /^(?:#[^\n]*\n)*(?:---\s*\n\s*[\w-]+:|(?:[\w-]+:\s*\n\s*)?- [\w-]+:(?:\s|$))/,
    'is YAML, which is not read: write its records as JSON',
  ],
  [
    /^\s*(?:\*{5,} 1\. row \*{5,}|-\[ RECORD 1 \]|\w[\w ]* = [^\n]*\n(?: *\w+ = [^\n]*\n)+\s*\n *\w+ = )/,
    'has each value in a line of its own: export the table as CSV, as psql --csv, sqlite3 -csv or mysql --batch do',
  ],
  [
    /^\s*(?:[┌╭╔]|\+-+(?:\+-+)*\+\s*\n\|)/,
    'is a table that is drawn with lines: export it as CSV, as duckdb -csv, sqlite3 -csv and mysql --batch do',
  ],
  [
    /^\s*(?:\{\|[^\n]*\n|\|\|[^\n]*\|\|[ \t\r]*\n\|)/,
    'is a table of a wiki, which is not read: write it as CSV',
  ],
  [
    /^\s*(?:TY {2}- |@\w+\s*\{[^,{}\n]*,\s*\n)/,
    'is a bibliography (RIS, BibTeX), which is not read: export its records as CSV',
  ],
  [/^(?:%[^\n]*\n|\s)*@relation\s/i, 'is ARFF of Weka, which is not read: save it as CSV'],
  [
    /^\s*\[\[?[\w.-]+\]\]?[ \t\r]*\n\s*[\w-]+\s*=/,
    'is TOML or an INI file, which is not read: write its records as JSON',
  ],
  [/^-----BEGIN PGP MESSAGE/, 'is encrypted: gpg --decrypt FILE > works.csv decrypts it'],
  [
    /^(?:From|To|Date|Subject|Received|Return-Path|Delivered-To|MIME-Version): [^\n]*\n(?:[\w-]+: |[ \t])/,
    'is an e-mail, or a page that was saved as one: save the listing that is attached to it',
  ],
  [/^version https:\/\/git-lfs\./, 'is a pointer of Git LFS: git lfs pull fetches the file itself'],
  [
    /^\s*<[^]*<(?:urlset|sitemapindex)\b/,
    'is a sitemap, which is XML: write the URLs of its images into a list, one a line',
  ],
  [
    /^\s*<(?:!doctype html|html|head|body|table)\b/i,
    `is a web page (HTML), and no listing: save its table as CSV, ${AGAIN}`,
  ],
  [
    // An element that begins with another one is not the first field of a row.
    /^\s*<(?:\?xml|!--|!doctype|(?!(?:img|a|picture|figure|source|b|p)\b)[a-z_][\w.:-]*(?:\s[^<>]*)?>\s*<[a-z_!?])/i,
    `is XML, which is not read: save its records as CSV or JSON, for example with pandas.read_xml("FILE").to_csv("works.csv", index=False), ${AGAIN}`,
  ],
  [
    /^\s*(?:\/\*[^*]*\*\/\s*)?(?:var |let |const )?[a-z_$][\w$.]*(?:\s*=|\()\s*[[{][\s[{]*["}\]]/i,
    'is JavaScript with JSON inside it: remove what is before the first bracket of the JSON and behind its last one',
  ],
  [
    // What services put before JSON so that no other page can run it as a script.
    /^\s*(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*[[{]/,
    'is JSON behind a prefix against scripts: remove what is before its first bracket of [ or {',
  ],
  [
    /^\s*(?:(?:\/\/[^\n]*\n|\/\*[^]*?\*\/)\s*)+[[{]|^\s*(?:\[\s*\{\s*|\{\s*\n\s*)(?:\/[/*]|[a-z_$][\w$]*\s*:\s*['"\d[{])/i,
    'is JSON with comments, or with names without quotes (JSON5): npx json5 FILE > works.json writes it as JSON',
  ],
  [
    /^(?:(?:--|\/\*)[^\n]*\n|\s)*(?:-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)|CREATE TABLE|INSERT INTO|DROP TABLE|PRAGMA foreign_keys|BEGIN TRANSACTION)\b/i,
    'is a dump of an SQL database: load it into one, and export the table as CSV',
  ],
];

/** @throws StepError `catalog_format` when the bytes begin as a kind that is no catalog. */
export function refuseForeign(first: Buffer, name: string): void {
  const head = first.subarray(0, HEAD_BYTES);
  const hex = head.toString('hex');
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const kind =
    BINARY.find(([pattern]) => pattern.test(hex)) ?? TEXT.find(([pattern]) => pattern.test(text));
  if (kind !== undefined) throw unusableCatalog(name, kind[1]);
}
