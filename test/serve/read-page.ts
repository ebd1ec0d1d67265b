/** What the pages of SQL say. */

/** @returns what a page says is wrong with the query, as text; empty when nothing is. */
export function problemOf(page: string): string {
  const [, note = ''] = /class="note bad" role="status">([\s\S]*?)<\/(?:p|div)>/.exec(page) ?? [];
  return note
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .trim();
}

/** The texts of the cells of the result, row by row. */
export function cellsOf(page: string): readonly (readonly string[])[] {
  const [, body = ''] = /<tbody>([\s\S]*?)<\/tbody>/.exec(page) ?? [];
  const rows = body.split('<tr>').slice(1);
  return rows.map((row) =>
    row
      .split(/<\/t[hd]>/)
      .slice(0, -1)
      .map((cell) => cell.replace(/<[^>]*>/g, '').trim()),
  );
}
