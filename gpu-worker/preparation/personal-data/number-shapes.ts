import { isAsciiLetter, isDigit, isHyphen, isNumberSpace, isWordCharacter } from './characters.js';

/**
 * The form of a number as runs of digits and letters with single separators: `d3-d2-d4` is 078-05-1120 and `a2d6a1`
 * is AB123456C. Separators are a space, `-`, `.`, `/` and `+`; look-alikes of space and hyphen count.
 */
export type NumberShape = string;

/** What a shape that ends at a node of the tree means to the caller, with its longer forms below it. */
interface ShapeNode<Meaning> {
  readonly next: Map<number, ShapeNode<Meaning>>;
  readonly meanings: Meaning[];
}

export interface ShapeTree<Meaning> {
  readonly root: ShapeNode<Meaning>;
  /** The most characters of a shape before its first digit. */
  readonly lead: number;
}

const separators = ['', ' ', '-', '.', '/', '+'];
/** No shape has a longer run; a longer one in a text leads nowhere in the tree. */
const maxRun = 31;
const edge = (separator: number, isDigits: boolean, length: number): number =>
  separator * 64 + length * 2 + (isDigits ? 1 : 0);

/** Puts all shapes into one tree, so that a text is walked once however many shapes there are. */
export function shapeTree<Meaning>(shapes: Iterable<readonly [NumberShape, Meaning]>): ShapeTree<Meaning> {
  const root: ShapeNode<Meaning> = { next: new Map(), meanings: [] };
  let lead = 0;
  for (const [shape, meaning] of shapes) {
    let node = root;
    lead = Math.max(lead, leadOf(shape));
    for (const [, separator, kind, length] of shape.matchAll(/([ .\-/+]?)([ad])(\d+)/g)) {
      const key = edge(separators.indexOf(separator!), kind === 'd', Number(length));
      const next = node.next.get(key) ?? { next: new Map(), meanings: [] };
      node.next.set(key, next);
      node = next;
    }
    node.meanings.push(meaning);
  }
  return { root, lead };
}

/** Without a digit, a shape may be anywhere. */
function leadOf(shape: NumberShape): number {
  let lead = 0;
  for (const [, separator, kind, length] of shape.matchAll(/([ .\-/+]?)([ad])(\d+)/g)) {
    lead += separator!.length;
    if (kind === 'd') return lead;
    lead += Number(length);
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Calls `visit` for every place of the text where one of the shapes stands by itself: no letter or digit touches it,
 * and it is no part of a longer number with the same separator, of a decimal or of thousands.
 */
export function visitShapes<Meaning>(
  text: string,
  { root, lead }: ShapeTree<Meaning>,
  visit: (meaning: Meaning, start: number, end: number) => void,
): void {
  let digit = -1;
  for (let start = 0; start < text.length; start++) {
    // Only what is near a digit can be a number.
    if (digit < start) digit = nextDigit(text, start);
    if (digit === text.length && lead !== Number.POSITIVE_INFINITY) return;
    start = Math.max(start, digit - lead);
    const code = text.charCodeAt(start);
    if (!isDigit(code) && !isAsciiLetter(code)) continue;
    if (start === 0 || !isWordCharacter(text.charCodeAt(start - 1))) walk(text, root, start, visit);
  }
}

/** Where the next digit is, or the end of the text. */
function nextDigit(text: string, from: number): number {
  let index = from;
  while (index < text.length && !isDigit(text.charCodeAt(index))) index++;
  return index;
}

function walk<Meaning>(
  text: string,
  root: ShapeNode<Meaning>,
  start: number,
  visit: (meaning: Meaning, start: number, end: number) => void,
): void {
  let node = root;
  let index = start;
  let separator = 0;
  let hasSpaces = false;
  for (;;) {
    const isDigits = isDigit(text.charCodeAt(index));
    const runStart = index;
    if (isDigits) while (index - runStart <= maxRun && isDigit(text.charCodeAt(index))) index++;
    else while (index - runStart <= maxRun && isAsciiLetter(text.charCodeAt(index))) index++;
    if (index === runStart || index - runStart > maxRun) return;
    const next = node.next.get(edge(separator, isDigits, index - runStart));
    if (!next) return;
    node = next;
    if (node.meanings.length > 0 && standsAlone(text, start, index, hasSpaces)) {
      for (const meaning of node.meanings) visit(meaning, start, index);
    }
    if (node.next.size === 0) return;
    separator = separatorOf(text.charCodeAt(index));
    if (separator > 0) index++;
    hasSpaces ||= separator === 1;
  }
}

function separatorOf(code: number): number {
  if (isNumberSpace(code)) return 1;
  if (isHyphen(code)) return 2;
  if (code === 0x2e) return 3;
  if (code === 0x2f) return 4;
  return code === 0x2b ? 5 : 0;
}

function standsAlone(text: string, start: number, end: number, hasSpaces: boolean): boolean {
  const next = text.charCodeAt(end);
  if (isWordCharacter(next)) return false;
  if (isDigit(text.charCodeAt(end + 1)) && goesOn(next, hasSpaces, text, end + 1, 1)) return false;
  const previous = text.charCodeAt(start - 1);
  // Amounts of money are no numbers of persons.
  if (previous === 0x24 || previous === 0x20ac || previous === 0xa3) return false;
  return !(isDigit(text.charCodeAt(start - 2)) && goesOn(previous, hasSpaces, text, start - 2, -1));
}

/** Whether digits beyond a separator belong to the same number. */
function goesOn(separator: number, hasSpaces: boolean, text: string, at: number, direction: 1 | -1): boolean {
  if (separator === 0x2e || separator === 0x2f || isHyphen(separator)) return true;
  // A number that is written in groups with spaces takes a further group for its own.
  if (isNumberSpace(separator)) return hasSpaces;
  if (separator !== 0x2c) return false;
  // A comma before one to three digits is that of a decimal or of thousands; before more it parts two numbers.
  let length = 0;
  while (length < 4 && isDigit(text.charCodeAt(at + direction * length))) length++;
  return length < 4;
}

/** The letters and digits of a number, in capitals, without its separators. */
export function compactNumber(text: string, start: number, end: number): string {
  let compact = '';
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (isDigit(code) || isAsciiLetter(code)) compact += text[index];
  }
  return compact.toUpperCase();
}
