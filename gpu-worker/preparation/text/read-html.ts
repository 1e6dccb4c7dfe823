import { Tokenizer } from 'htmlparser2';

/** The elements and texts of an HTML document, in their order. Names are in small letters. */
export interface HtmlEvents {
  text(text: string): void;
  open(name: string): void;
  /** Called for each element that was opened, also where its end is missing. */
  close(name: string): void;
}

const formParts = ['input', 'option', 'optgroup', 'select', 'button', 'datalist', 'textarea'];
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p'];
const besideParagraphs = [
  ...['address', 'article', 'aside', 'blockquote', 'details', 'div', 'dl', 'fieldset', 'figcaption', 'figure'],
  ...['footer', 'form', 'header', 'hr', 'main', 'nav', 'ol', 'p', 'pre', 'section', 'table', 'ul'],
];

/** Elements that end others: those on top of the open ones, as long as they are among these. */
const endedBy: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tr', new Set(['tr', 'th', 'td'])],
  ['th', new Set(['th'])],
  ['td', new Set(['thead', 'th', 'td'])],
  ['body', new Set(['head', 'link', 'script'])],
  ['a', new Set(['a'])],
  ['li', new Set(['li'])],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((name) => [name, new Set(headings)] as const),
  ...['select', 'input', 'output', 'button', 'datalist', 'textarea'].map((name) => [name, new Set(formParts)] as const),
  ['option', new Set(['option'])],
  ['optgroup', new Set(['optgroup', 'option'])],
  ...['dd', 'dt'].map((name) => [name, new Set(['dd', 'dt'])] as const),
  ...['rt', 'rp'].map((name) => [name, new Set(['rt', 'rp'])] as const),
  ...['tbody', 'tfoot'].map((name) => [name, new Set(['thead', 'tbody'])] as const),
  ...besideParagraphs.map((name) => [name, new Set(['p'])] as const),
]);

/** Elements without an end. */
const empty: ReadonlySet<string> = new Set([
  ...['area', 'base', 'basefont', 'br', 'col', 'command', 'embed', 'frame', 'hr', 'img', 'input', 'isindex'],
  ...['keygen', 'link', 'meta', 'param', 'source', 'track', 'wbr'],
]);

/** Whether an element’s content is that of HTML, in which `<b/>` is `<b>`, or of another language. */
const contentOf: ReadonlyMap<string, 'foreign' | 'html'> = new Map([
  ['svg', 'foreign'],
  ['math', 'foreign'],
  ...['mi', 'mo', 'mn', 'ms', 'mtext', 'annotation-xml', 'desc', 'title'].map((name) => [name, 'html'] as const),
]);

interface ElementKind {
  readonly name: string;
  readonly isEmpty: boolean;
  readonly ends: ReadonlySet<string> | undefined;
  readonly content: 'foreign' | 'html' | undefined;
  /** How many of them are open. */
  open: number;
}

/**
 * Reads HTML as htmlparser2’s `Parser` does, whose open elements are an array with its top in front: that takes time
 * quadratic in the depth. Here it is linear in the text’s length, whatever the text is.
 */
export function readHtml(source: string, events: HtmlEvents): void {
  const kinds = new Map<string, ElementKind>();
  const open: ElementKind[] = [];
  const isForeign: boolean[] = [];
  /** The element whose tag is being read; null where it is passed over. */
  let tag: ElementKind | null = null;

  const inForeign = () => isForeign.at(-1) === true;
  const kindOf = (start: number, end: number): ElementKind => {
    const written = source.slice(start, end).toLowerCase();
    const name = written === 'image' && !inForeign() ? 'img' : written;
    const known = kinds.get(name);
    if (known !== undefined) return known;
    const kind = { name, isEmpty: empty.has(name), ends: endedBy.get(name), content: contentOf.get(name), open: 0 };
    kinds.set(name, kind);
    return kind;
  };
  const push = (kind: ElementKind): void => {
    if (kind.name === 'form' && kind.open > 0) {
      tag = null;
      return;
    }
    tag = kind;
    if (kind.ends !== undefined) while (open.length > 0 && kind.ends.has(open.at(-1)!.name)) pop();
    if (!kind.isEmpty) {
      open.push(kind);
      kind.open += 1;
      if (kind.content !== undefined) isForeign.push(kind.content === 'foreign');
    }
    events.open(kind.name);
  };
  const pop = (): void => {
    const kind = open.pop()!;
    kind.open -= 1;
    if (kind.content !== undefined) isForeign.pop();
    events.close(kind.name);
  };
  const endTag = (): void => {
    if (tag?.isEmpty === true) events.close(tag.name);
    tag = null;
  };

  const tokenizer = new Tokenizer(
    {},
    {
      ontext: (start, end) => events.text(source.slice(start, end)),
      ontextentity: (codePoint) => events.text(String.fromCodePoint(codePoint)),
      oncdata(start, end, offset) {
        if (inForeign()) events.text(source.slice(start, end - offset));
      },
      onopentagname: (start, end) => push(kindOf(start, end)),
      onopentagend: endTag,
      onselfclosingtag() {
        const kind = tag;
        endTag();
        if (inForeign() && kind !== null && open.at(-1) === kind) pop();
      },
      onclosetag(start, end) {
        const kind = kindOf(start, end);
        if (kind.name === 'br') {
          events.open('br');
          events.close('br');
        } else if (kind.open > 0) {
          // Each element that is passed over was opened once, so that all of these loops together are linear.
          while (open.at(-1) !== kind) pop();
          pop();
        } else if (kind.name === 'p') {
          push(kind);
          endTag();
          pop();
        }
      },
      isInForeignContext: inForeign,
      onattribdata: nothing,
      onattribentity: nothing,
      onattribend: nothing,
      onattribname: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onprocessinginstruction: nothing,
      onend: nothing,
    },
  );
  tokenizer.write(source);
  tokenizer.end();
  while (open.length > 0) pop();
}

function nothing(): void {}
