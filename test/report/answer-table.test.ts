/** Tables of answers. */
import { answerTable } from '../../src/report/html/answer-table';
import { textOf } from './report-fixture';

it('names the link of a row that has no name', () => {
  const rows = [{ host: 'a.org' }, { host: '' }, { host: null }];
  const table = answerTable({
    answer: { sql: 'SELECT 1', rows },
    caption: 'Hosts',
    columns: [{ key: 'host', title: 'Host', kind: 'text' }],
    link: ({ host }) => `/images?host=${String(host ?? '')}`,
  }).text;
  const links = [...table.matchAll(/<a [^>]*>(.*?)<\/a>/g)].map(([, name = '']) => textOf(name));
  expect(links.map((name) => name.trim())).toEqual(['a.org', 'none', 'none']);
});
