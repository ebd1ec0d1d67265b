/**
 * The start tags, texts and end tags of an XML text, one after another. It is made for short texts
 * of unknown origin: entities of a document type are not expanded, and what is no XML is left out.
 */

export type XmlEvent =
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'end' }
  | { readonly kind: 'text'; readonly text: string };

/** Sections that begin with `<` and are no tags, and how they end. */
const SECTIONS = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const;

/** Reads each character once. */
export function* xmlEvents(xml: string): Generator<XmlEvent> {
  let at = 0;
  while (at < xml.length) {
    const open = xml.indexOf('<', at);
    const text = xml.slice(at, open < 0 ? xml.length : open);
    if (text.trim() !== '') yield { kind: 'text', text: withoutReferences(text) };
    if (open < 0) return;
    const section = SECTIONS.find(([start]) => xml.startsWith(start, open));
    const end = section === undefined ? tagEnd(xml, open) : xml.indexOf(section[1], open);
    if (end < 0) return;
    if (section === undefined) yield* tagEvents(xml.slice(open + 1, end));
    else if (section[0] === '<![CDATA[')
      yield { kind: 'text', text: xml.slice(open + section[0].length, end) };
    at = end + (section?.[1].length ?? 1);
  }
}

/** The place of the `>` that ends a tag; -1 without one. A value in quotes may contain others. */
function tagEnd(xml: string, open: number): number {
  let quote = '';
  for (let at = open + 1; at < xml.length; at += 1) {
    const character = xml.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return at;
    else if (character === '"' || character === "'") quote = character;
  }
  return -1;
}

function* tagEvents(tag: string): Generator<XmlEvent> {
  if (tag.startsWith('/')) {
    yield { kind: 'end' };
    return;
  }
  const isEmpty = tag.endsWith('/');
  const inside = isEmpty ? tag.slice(0, -1) : tag;
  const [name = ''] = /^[^\s]*/.exec(inside) ?? [];
  yield { kind: 'start', name, attributes: attributesIn(inside.slice(name.length)) };
  if (isEmpty) yield { kind: 'end' };
}

/** Searches forwards only: a regular expression would take quadratic time for some texts. */
function attributesIn(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let at = 0;
  for (;;) {
    const equals = text.indexOf('=', at);
    let start = equals + 1;
    while (/\s/.test(text.charAt(start))) start += 1;
    const quote = text.charAt(start);
    const end = text.indexOf(quote, start + 1);
    if (equals < 0 || (quote !== '"' && quote !== "'") || end < 0) return attributes;
    attributes.set(text.slice(at, equals).trim(), withoutReferences(text.slice(start + 1, end)));
    at = end + 1;
  }
}

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/** References to characters, and to the five entities of XML, become what they stand for. */
function withoutReferences(text: string): string {
  return text.replace(/&(#x?)?([0-9a-z]{1,8});/gi, (reference, base: string | undefined, name) => {
    if (base === undefined) return NAMED[String(name)] ?? reference;
    const code = Number.parseInt(String(name), base === '#' ? 10 : 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
  });
}
