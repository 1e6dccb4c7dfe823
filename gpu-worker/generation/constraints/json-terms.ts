import type { Term, Terms } from './terms.js';

/** The values of JSON that any schema is made of. At most one space stands after a comma and a colon. */
export interface JsonTerms {
  readonly comma: Term;
  readonly colon: Term;
  /** A character of a string, as it is or escaped; surrogates are never escaped. */
  readonly character: Term;
  /** A name of a property, without escapes, that is none of these. */
  nameBut(names: readonly string[]): Term;
  /** A string of so many code points. */
  string(min: number, max: number): Term;
  /** Any number, of at most 15 digits before the point, 15 after it, and an exponent of two. */
  readonly number: Term;
  readonly integer: Term;
  readonly boolean: Term;
  readonly null: Term;
}

export function jsonTerms(terms: Terms): JsonTerms {
  const sequence = (...all: readonly Term[]) => terms.sequence(...all);
  const either = (...all: readonly Term[]) => terms.either(...all);
  const optional = (term: Term) => terms.optional(term);
  const repeat = (term: Term, min?: number, max?: number) => terms.repeat(term, min, max);
  const range = (...ranges: readonly (readonly [number, number])[]) => terms.range(...ranges);
  const byte = (value: number) => terms.range([value, value]);
  const oneOf = (characters: string) => terms.oneOf(characters);
  const text = (given: string) => terms.text(given);
  const space = optional(text(' '));
  const tail = range([0x80, 0xbf]);
  const plain = either(
    range([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7f]),
    sequence(range([0xc2, 0xdf]), tail),
    sequence(byte(0xe0), range([0xa0, 0xbf]), tail),
    sequence(range([0xe1, 0xec], [0xee, 0xef]), tail, tail),
    sequence(byte(0xed), range([0x80, 0x9f]), tail),
    sequence(byte(0xf0), range([0x90, 0xbf]), tail, tail),
    sequence(range([0xf1, 0xf3]), tail, tail, tail),
    sequence(byte(0xf4), range([0x80, 0x8f]), tail, tail),
  );
  const hexadecimal = oneOf('0123456789abcdefABCDEF');
  const escaped = sequence(
    text('\\'),
    either(
      oneOf('"\\/bfnrt'),
      sequence(
        text('u'),
        either(sequence(oneOf('0123456789abcefABCEF'), hexadecimal), sequence(oneOf('dD'), oneOf('01234567'))),
        hexadecimal,
        hexadecimal,
      ),
    ),
  );
  const character = either(plain, escaped);
  const digits = (min: number, max: number) => repeat(oneOf('0123456789'), min, max);
  const whole = either(text('0'), sequence(oneOf('123456789'), digits(0, 14)));
  const integer = sequence(optional(text('-')), whole);
  const exponent = sequence(oneOf('eE'), optional(oneOf('+-')), digits(1, 2));
  return {
    comma: sequence(text(','), space),
    colon: sequence(text(':'), space),
    character,
    nameBut: (names) =>
      sequence(
        text('"'),
        terms.excluding(
          sequence(repeat(plain), text('"')),
          names.map((name) => `${inQuotes(name)}"`),
        ),
      ),
    string: (min, max) => sequence(text('"'), repeat(character, min, max), text('"')),
    number: sequence(integer, optional(sequence(text('.'), digits(1, 15))), optional(exponent)),
    integer,
    boolean: either(text('true'), text('false')),
    null: text('null'),
  };
}

/** How a name is written in JSON, without the quotes. */
function inQuotes(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}
