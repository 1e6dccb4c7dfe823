import { withoutCapital } from './letter-case.js';

/** A sentence with slots for a row's values. */
export interface Template {
  readonly pieces: readonly (string | TemplateSlot)[];
}

interface TemplateSlot {
  readonly column: string;
  /** Whether the value's first letter becomes small, unless it belongs to a name or an abbreviation. */
  readonly startsSmall: boolean;
}

/** What is wrong with a template, and the UTF-16 unit where. */
export interface TemplateFault {
  readonly message: string;
  readonly at: number;
}

/**
 * Reads `Please {text:small}`: `{column}` is the value of a column, `{column:small}` the same with a small first
 * letter, `{{` and `}}` are braces.
 */
export function parseTemplate(text: string): Template | TemplateFault {
  const pieces: (string | TemplateSlot)[] = [];
  let literal = '';
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if ((sign === '{' || sign === '}') && text[at + 1] === sign) {
      literal += sign;
      at += 1;
    } else if (sign === '}') {
      return { message: 'a } closes no slot; a brace that is meant as such is written twice', at };
    } else if (sign === '{') {
      const end = text.indexOf('}', at);
      if (end < 0) return { message: 'a slot is not closed by }', at };
      const slot = slotOf(text.slice(at + 1, end));
      if (slot.column === '') return { message: 'a slot names no column', at };
      if (literal !== '') pieces.push(literal);
      pieces.push(slot);
      literal = '';
      at = end;
    } else literal += sign;
  }
  if (literal !== '') pieces.push(literal);
  if (pieces.every((piece) => typeof piece === 'string'))
    return { message: 'the template has no slot, so that all of its rows would be equal', at: 0 };
  return { pieces };
}

const small = ':small';

function slotOf(inside: string): TemplateSlot {
  const startsSmall = inside.endsWith(small);
  return { column: startsSmall ? inside.slice(0, -small.length) : inside, startsSmall };
}

/** The columns that a template reads, each once. */
export function columnsOf({ pieces }: Template): string[] {
  return [...new Set(pieces.filter((piece) => typeof piece !== 'string').map(({ column }) => column))];
}

/** Fills the slots. Null if a value is missing, or all of them are blank. */
export function fillTemplate({ pieces }: Template, valueIn: (column: string) => string | null): string | null {
  let text = '';
  let isBlank = true;
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      const value = valueIn(piece.column);
      if (value === null) return null;
      isBlank &&= value.trim() === '';
      text += piece.startsSmall ? withoutCapital(value) : value;
    }
  }
  return isBlank ? null : text;
}
