import { Parser } from 'htmlparser2';
import { breaksAround, elementNames, preformatted, unread } from './html-elements.js';
import { readHtml } from './read-html.js';

/** “<” with what may follow it: the name of an element, begun or ended; the beginning of a comment or a declaration. */
const less = /<(?:(\/?[a-z][a-z0-9:-]*)(?=[\s/>])|(!--|[!?][a-z[]))?/gi;
const known: ReadonlySet<string> = new Set(elementNames);
/** Elements of a page’s own, which have a hyphen, and those of Word. They count where known ones are. */
const foreignElement = /^(?:[a-z][a-z0-9]*-[a-z0-9-]*|(?:m|o|st1|v|w):[a-z]+)$/i;
const reference = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/i;
const looseAmpersand = /&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)/gi;

/**
 * The text that a reader sees of HTML. Blocks stand on lines of their own, paragraphs have an empty line between them,
 * cells of a row a tab; scripts, styles and the like are left out; of links their text is kept; character references
 * are decoded. This follows `innerText` (HTML Standard, section 3.2.7). A text without elements of HTML keeps its white
 * space, and each “<” and “&” that begins neither a tag nor a complete reference stays as it is: “a < b & c”.
 */
export function htmlToText(text: string): string {
  if (!text.includes('<') && !text.includes('&')) return text;
  const isMarkup = hasElement(text);
  if (!isMarkup && !reference.test(text)) return text;
  const ampersands = text.includes('&') ? text.replace(looseAmpersand, '&amp;') : text;
  if (!isMarkup) return decoded(ampersands.replaceAll('<', '&lt;'));
  return seen(onlyTags(ampersands));
}

/** Whether a text has a tag of a known element, a comment, or a declaration of its type. */
function hasElement(text: string): boolean {
  const lastClose = text.lastIndexOf('>');
  const lastCommentEnd = text.lastIndexOf('-->');
  less.lastIndex = 0;
  for (let match = less.exec(text); match !== null && match.index < lastClose; match = less.exec(text)) {
    const [, tag, sign] = match;
    if (tag !== undefined && known.has(elementOf(tag))) return true;
    if (sign === '!--' && match.index < lastCommentEnd) return true;
    if (sign !== undefined && /^<!doctype\s/i.test(text.slice(match.index, match.index + 10))) return true;
  }
  return false;
}

/** The source with a character reference for each “<” that begins no tag: a parser would swallow what follows it. */
function onlyTags(source: string): string {
  const lastClose = source.lastIndexOf('>');
  const lastCommentEnd = source.lastIndexOf('-->');
  return source.replace(less, (found, tag: string | undefined, sign: string | undefined, at: number) => {
    const ends = sign === '!--' ? at < lastCommentEnd : at < lastClose;
    const begins = sign !== undefined || (tag !== undefined && isElement(elementOf(tag)));
    return ends && begins ? found : `&lt;${found.slice(1)}`;
  });
}

function elementOf(tag: string): string {
  return (tag.startsWith('/') ? tag.slice(1) : tag).toLowerCase();
}

function isElement(name: string): boolean {
  return known.has(name) || foreignElement.test(name);
}

/** Character references decoded; the source has no tag. */
function decoded(source: string): string {
  const parts: string[] = [];
  new Parser({ ontext: (part) => parts.push(part) }).end(source);
  return parts.join('');
}

const whiteSpace = /[ \t\n\f\r]+/g;

/** What is seen of a source whose every “<” begins a tag. */
function seen(source: string): string {
  const parts: string[] = [];
  /** Line breaks at the end of what is written, at most two of them. */
  let standing = 2;
  /** Line breaks, and white space within a line, that the next text is preceded by. */
  let breaks = 0;
  let gap = '';
  let unreadDepth = 0;
  let preformattedDepth = 0;
  /** Cells so far in each open row; tables may lie within cells. */
  const rows: number[] = [];

  const breakLine = (count: number) => {
    breaks = Math.max(breaks, count);
    gap = '';
  };
  const write = (part: string) => {
    if (breaks > standing) parts.push('\n'.repeat(breaks - standing));
    else if (gap !== '' && breaks === 0 && standing === 0) parts.push(gap);
    breaks = 0;
    gap = '';
    parts.push(part);
    if (part !== '\n') standing = part.endsWith('\n\n') ? 2 : part.endsWith('\n') ? 1 : 0;
    else if (standing < 2) standing += 1;
  };

  readHtml(source, {
    text(part) {
      if (unreadDepth > 0) return;
      if (preformattedDepth > 0) return write(part);
      const collapsed = part.replace(whiteSpace, ' ');
      if (collapsed.startsWith(' ') && gap === '') gap = ' ';
      const trimmed = collapsed.trim() === collapsed ? collapsed : collapsed.replace(/^ | $/g, '');
      if (trimmed === '') return;
      write(trimmed);
      if (collapsed.endsWith(' ')) gap = ' ';
    },
    open(name) {
      if (unread.has(name)) unreadDepth += 1;
      if (preformatted.has(name)) preformattedDepth += 1;
      if (name === 'br' && unreadDepth === 0) {
        write('\n');
      } else if (name === 'tr') {
        rows.push(0);
      } else if ((name === 'td' || name === 'th') && rows.length > 0) {
        if (rows[rows.length - 1]! > 0 && breaks === 0) gap = '\t';
        rows[rows.length - 1]! += 1;
      }
      const around = breaksAround.get(name);
      if (around !== undefined) breakLine(around);
    },
    close(name) {
      if (unread.has(name)) unreadDepth -= 1;
      if (preformatted.has(name)) preformattedDepth -= 1;
      if (name === 'tr') rows.pop();
      const around = breaksAround.get(name);
      if (around !== undefined) breakLine(around);
    },
  });
  return withoutOuterBreaks(parts.join(''));
}

function withoutOuterBreaks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) === 0x0a) start += 1;
  while (end > start && text.charCodeAt(end - 1) === 0x0a) end -= 1;
  return text.slice(start, end);
}
