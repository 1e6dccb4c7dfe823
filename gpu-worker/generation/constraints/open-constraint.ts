import type { GenerationSettings } from '../../../src/protocol/generation.js';
import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { ProblemError } from '../../problem-error.js';
import { openChoices } from './choices.js';
import type { Constraint } from './constraint.js';
import { schemaLanguage } from './schema-terms.js';
import { tokensAfter, trieOf } from './token-trie.js';

type OutputConstraint = NonNullable<GenerationSettings['constraint']>;

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
  if (constraint.kind === 'choices') return openChoices(constraint.choices, vocabulary, endIds);
  const { terms, start } = schemaLanguage(constraint.schema);
  const trie = trieOf(vocabulary);
  const masks = new Map<number, Uint32Array>();

  function maskOf(term: typeof start): Uint32Array {
    const known = masks.get(term.id);
    if (known !== undefined) return known;
    const mask = tokensAfter(terms, term, trie);
    if (term.mayEnd) for (const id of endIds) if (id >>> 5 < mask.length) mask[id >>> 5]! |= 1 << (id & 31);
    if (!mask.some((word) => word !== 0)) throw deadEnd();
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

function deadEnd(): ProblemError {
  return new ProblemError({
    path: ['output', 'jsonSchema'],
    code: 'INVALID_VALUE',
    message: 'the model’s tokenizer has no tokens with which an answer comes to such a value',
    hint: 'Ask for what is written with characters that the tokenizer knows.',
  });
}
