import { type Numeral, nextNumeral, numeralEnds } from './numerals.js';

/**
 * Sets of byte strings, each as a term whose derivative by a byte is the term of what may follow it (Brzozowski 1964,
 * "Derivatives of Regular Expressions"; with references, Might et al. 2011, "Parsing with Derivatives"). Equal terms
 * are one object. A term of which nothing can be completed is `never`, so that a derivative which is not `never` has an
 * end.
 */
export interface Term {
  readonly id: number;
  readonly shape: Shape;
  /** Whether the empty string is in the set. */
  readonly mayEnd: boolean;
  /** Derivatives by byte, as far as they are known. */
  readonly next: (Term | undefined)[];
}

type Shape =
  | { readonly kind: 'never' | 'empty' }
  /** One byte of those whose character code is in the string. */
  | { readonly kind: 'byte'; readonly of: string }
  /** These bytes, as a string of character codes. */
  | { readonly kind: 'bytes'; readonly bytes: string }
  | { readonly kind: 'sequence'; readonly head: Term; readonly tail: Term }
  | { readonly kind: 'either'; readonly terms: readonly Term[] }
  | { readonly kind: 'repeat'; readonly term: Term; readonly min: number; readonly max: number }
  /** A term that may hold itself; it never holds the empty string. */
  | { readonly kind: 'reference'; readonly name: string }
  /** A number, of which a part is written. */
  | { readonly kind: 'numeral'; readonly numeral: Numeral; readonly written: string }
  /** What is in the term and does not begin with any of these bytes. */
  | { readonly kind: 'excluding'; readonly term: Term; readonly names: readonly string[] };

/** Makes terms, each once. */
export class Terms {
  readonly #known = new Map<string, Term>();
  readonly never = this.#intern('never', { kind: 'never' }, false);
  readonly empty = this.#intern('empty', { kind: 'empty' }, true);
  readonly #resolve: (name: string) => Term;

  /** @param resolve the term that a reference stands for */
  constructor(resolve: (name: string) => Term) {
    this.#resolve = resolve;
  }

  #intern(key: string, shape: Shape, mayEnd: boolean): Term {
    const found = this.#known.get(key);
    if (found !== undefined) return found;
    const made = { id: this.#known.size, shape, mayEnd, next: [] };
    this.#known.set(key, made);
    return made;
  }

  /** One byte from one of these ranges, ends included. */
  range(...ranges: readonly (readonly [number, number])[]): Term {
    const of = ranges
      .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, k) => String.fromCharCode(from + k)))
      .join('');
    return this.#intern(`byte ${of}`, { kind: 'byte', of }, false);
  }

  /** One of the characters of an ASCII string. */
  oneOf(characters: string): Term {
    return this.#intern(`byte ${characters}`, { kind: 'byte', of: characters }, false);
  }

  text(text: string): Term {
    return this.#bytes(bytesOf(text));
  }

  #bytes(bytes: string): Term {
    return bytes === '' ? this.empty : this.#intern(`bytes ${bytes}`, { kind: 'bytes', bytes }, false);
  }

  sequence(...terms: readonly Term[]): Term {
    return terms.reduceRight<Term>((tail, head) => this.#follow(head, tail), this.empty);
  }

  #follow(head: Term, tail: Term): Term {
    if (head === this.never || tail === this.never) return this.never;
    if (head === this.empty) return tail;
    if (tail === this.empty) return head;
    if (head.shape.kind === 'sequence') return this.#follow(head.shape.head, this.#follow(head.shape.tail, tail));
    return this.#intern(`${head.id}·${tail.id}`, { kind: 'sequence', head, tail }, head.mayEnd && tail.mayEnd);
  }

  either(...given: readonly Term[]): Term {
    const all = new Set(given.flatMap((term) => (term.shape.kind === 'either' ? term.shape.terms : [term])));
    all.delete(this.never);
    const terms = [...all].sort((a, b) => a.id - b.id);
    if (terms.length < 2) return terms[0] ?? this.never;
    const mayEnd = terms.some((term) => term.mayEnd);
    return this.#intern(`either ${terms.map(({ id }) => id)}`, { kind: 'either', terms }, mayEnd);
  }

  optional(term: Term): Term {
    return this.either(this.empty, term);
  }

  /** `term`, which does not hold the empty string, from `min` to `max` times. */
  repeat(term: Term, min = 0, max = Number.POSITIVE_INFINITY): Term {
    if (max < min) return this.never;
    if (max === 0) return this.empty;
    if (term === this.never) return min === 0 ? this.empty : this.never;
    return this.#intern(`repeat ${term.id} ${min} ${max}`, { kind: 'repeat', term, min, max }, min === 0);
  }

  reference(name: string): Term {
    return this.#intern(`reference ${name}`, { kind: 'reference', name }, false);
  }

  numeral(numeral: Numeral): Term {
    return this.#numeral(numeral, '');
  }

  #numeral(numeral: Numeral, written: string): Term {
    const { isInteger, min, max, step } = numeral;
    const key = `numeral ${isInteger} ${min} ${max} ${step} ${written}`;
    return this.#intern(key, { kind: 'numeral', numeral, written }, numeralEnds(numeral, written));
  }

  /** `term` without what begins with a name. @param names as texts */
  excluding(term: Term, names: readonly string[]): Term {
    return this.#excluding(term, names.map(bytesOf));
  }

  #excluding(term: Term, names: readonly string[]): Term {
    if (term === this.never || names.includes('')) return this.never;
    if (names.length === 0) return term;
    const key = `excluding ${term.id} ${JSON.stringify(names)}`;
    return this.#intern(key, { kind: 'excluding', term, names }, term.mayEnd);
  }

  /** What may follow a byte. */
  after(term: Term, byte: number): Term {
    const known = term.next[byte];
    if (known !== undefined) return known;
    const made = this.#derivative(term.shape, byte);
    term.next[byte] = made;
    return made;
  }

  #derivative(shape: Shape, byte: number): Term {
    const character = String.fromCharCode(byte);
    switch (shape.kind) {
      case 'never':
      case 'empty':
        return this.never;
      case 'byte':
        return shape.of.includes(character) ? this.empty : this.never;
      case 'bytes':
        return shape.bytes.startsWith(character) ? this.#bytes(shape.bytes.slice(1)) : this.never;
      case 'sequence': {
        const { head, tail } = shape;
        const within = this.#follow(this.after(head, byte), tail);
        return head.mayEnd ? this.either(within, this.after(tail, byte)) : within;
      }
      case 'either':
        return this.either(...shape.terms.map((term) => this.after(term, byte)));
      case 'repeat': {
        const { term, min, max } = shape;
        return this.#follow(this.after(term, byte), this.repeat(term, Math.max(0, min - 1), max - 1));
      }
      case 'reference':
        return this.after(this.#resolve(shape.name), byte);
      case 'numeral': {
        const written = nextNumeral(shape.numeral, shape.written, character);
        return written === null ? this.never : this.#numeral(shape.numeral, written);
      }
      case 'excluding': {
        const names = shape.names.filter((name) => name.startsWith(character)).map((name) => name.slice(1));
        return this.#excluding(this.after(shape.term, byte), names);
      }
      default:
        return shape satisfies never;
    }
  }
}

/** The bytes of a text in UTF-8, as a string of character codes. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
