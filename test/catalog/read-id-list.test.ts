/** The ids of the file `only`, as plain lines and as JSON strings. */
import { readIdList } from '../../src/catalog/read-id-list';
import { DataRootFixture, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

async function idsIn(name: string, text: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const id of readIdList(fixture.path(fixture.write(name, text)))) ids.push(id);
  return ids;
}

it('a list of ids has each line as it stands, quotation marks included', async () => {
  expect(await idsIn('ids.txt', '\uFEFFa\r\n\n "b"\nc')).toEqual(['a', ' "b"', 'c']);
});

it.each(['ids.ndjson', 'IDS.JSONL'])('a list of ids has JSON strings in %s', async (name) => {
  const ids = ['two\nlines "quoted"', 'works/12', ' '];
  const text = ids.map((id) => JSON.stringify(id)).join('\r\n');
  expect(await idsIn(name, text)).toEqual(ids);
});

it.each(['b', '{"id":"b"}', '7', '"b" "c"'])(
  'a list of ids in NDJSON is refused for the line %s',
  async (line) => {
    const error = await stepErrorOf(idsIn('ids.ndjson', `"a"\n${line}\n`));
    expect(error.code).toBe('input');
    expect(error.message).toContain('line 2 is no JSON string');
  },
);
