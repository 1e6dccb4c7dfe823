import type { GenerationSettings } from '../../../src/protocol/generation.js';
import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { ProblemError } from '../../problem-error.js';
import { type Language, schemaLanguage } from './schema-terms.js';
import { Terms } from './terms.js';
import { tokensAfter, trieOf } from './token-trie.js';

type OutputConstraint = NonNullable<GenerationSettings['constraint']>;

/** Holds one answer to what it has to be. */
export interface Constraint {
  /** The tokens that may come next, as bits; of id i the bit i mod 32 of the word ⌊i/32⌋. */
  mask(): Uint32Array;
  /** The answer goes on with a token of the mask. */
  accept(id: number): void;
  /** Whether nothing may follow. */
  isComplete(): boolean;
}

/** Masks that are kept, of a few kilobytes each. */
const mostMasks = 1_000;

/**
 * Reads what answers have to be, and returns what holds one answer to it. An answer may end, by a token of `endIds`,
 * where it is whole.
 *
 * @throws ProblemError INVALID_SCHEMA, INVALID_VALUE (a choice that the tokenizer can not write). What it returns
 * throws INVALID_VALUE where no token goes on with an answer
 */
export function openConstraint(
  constraint: OutputConstraint,
  vocabulary: Vocabulary,
  endIds: ReadonlySet<number>,
): () => Constraint {
  const { terms, start } = languageOf(constraint);
  const trie = trieOf(vocabulary);
  const masks = new Map<number, Uint32Array>();

  function maskOf(term: typeof start): Uint32Array {
    const known = masks.get(term.id);
    if (known !== undefined) return known;
    const mask = tokensAfter(terms, term, trie);
    if (term.mayEnd) for (const id of endIds) if (id >>> 5 < mask.length) mask[id >>> 5]! |= 1 << (id & 31);
    if (!mask.some((word) => word !== 0)) throw deadEnd(constraint);
    if (masks.size >= mostMasks) masks.clear();
    masks.set(term.id, mask);
    return mask;
  }

  maskOf(start);
  return () => {
    let term = start;
    return {
      mask: () => maskOf(term),
      accept(id) {
        for (const byte of vocabulary.bytesOf(id) ?? []) term = terms.after(term, byte);
        if (term === terms.never) throw new RangeError(`token ${id} is not among those that may come next`);
      },
      isComplete() {
        if (!term.mayEnd) return false;
        for (let byte = 0; byte < 256; byte++) if (terms.after(term, byte) !== terms.never) return false;
        return true;
      },
    };
  };
}

function languageOf(constraint: OutputConstraint): Language {
  switch (constraint.kind) {
    case 'jsonSchema':
      return schemaLanguage(constraint.schema);
    case 'choices': {
      const terms = new Terms((name) => {
        throw new RangeError(`there is no term ${name}`);
      });
      return { terms, start: terms.either(...constraint.choices.map((choice) => terms.text(choice))) };
    }
    default:
      return constraint satisfies never;
  }
}

function deadEnd({ kind }: OutputConstraint): ProblemError {
  const what = kind === 'choices' ? 'one of the choices' : 'such a value';
  return new ProblemError({
    path: ['output', kind],
    code: 'INVALID_VALUE',
    message: `the model’s tokenizer has no tokens with which an answer comes to ${what}`,
    hint: 'Ask for what is written with characters that the tokenizer knows.',
  });
}
