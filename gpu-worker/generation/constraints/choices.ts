import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { ProblemError } from '../../problem-error.js';
import type { Constraint } from './constraint.js';

/**
 * Holds answers to one of some texts. Only tokens are allowed from which a text can still be finished, since a
 * tokenizer may lack those of single bytes. Where a text is the beginning of another one, the answer may end or go on.
 *
 * @throws ProblemError INVALID_VALUE for a choice that the tokenizer can not write
 */
export function openChoices(
  choices: readonly string[],
  vocabulary: Vocabulary,
  endIds: ReadonlySet<number>,
): () => Constraint {
  const { idsOf, longest } = tokensOf(vocabulary);
  const texts = [...new Set(choices)].map((choice) => {
    const bytes = Buffer.from(choice).toString('latin1');
    return { bytes, canBeFinished: finishable(bytes, idsOf, longest) };
  });
  const lost = texts.findIndex(({ canBeFinished }) => canBeFinished[0] === 0);
  if (lost >= 0) throw cannotWrite([...new Set(choices)][lost]!);

  return () => {
    let written = '';
    const candidates = () => texts.filter(({ bytes }) => bytes.startsWith(written));
    return {
      mask() {
        const mask = new Uint32Array(Math.ceil(vocabulary.size / 32));
        const allow = (id: number) => {
          if (id >>> 5 < mask.length) mask[id >>> 5]! |= 1 << (id & 31);
        };
        for (const { bytes, canBeFinished } of candidates()) {
          if (bytes === written) for (const id of endIds) allow(id);
          const last = Math.min(bytes.length, written.length + longest);
          for (let end = written.length + 1; end <= last; end++) {
            if (canBeFinished[end] === 1) idsOf.get(bytes.slice(written.length, end))?.forEach(allow);
          }
        }
        return mask;
      },
      accept(id) {
        written += Buffer.from(vocabulary.bytesOf(id) ?? []).toString('latin1');
      },
      isComplete: () => candidates().every(({ bytes }) => bytes === written),
    };
  };
}

/** Of each place in a text, 1 where tokens make up all that follows it. */
function finishable(bytes: string, idsOf: ReadonlyMap<string, readonly number[]>, longest: number): Uint8Array {
  const can = new Uint8Array(bytes.length + 1);
  can[bytes.length] = 1;
  for (let start = bytes.length - 1; start >= 0; start--) {
    for (let end = start + 1; end <= Math.min(bytes.length, start + longest); end++) {
      if (can[end] === 1 && idsOf.has(bytes.slice(start, end))) can[start] = 1;
    }
  }
  return can;
}

interface Tokens {
  /** Ids by bytes, as a string of character codes. */
  readonly idsOf: ReadonlyMap<string, readonly number[]>;
  /** Bytes of the longest. */
  readonly longest: number;
}

const known = new WeakMap<Vocabulary, Tokens>();

/** The tokens of a vocabulary by their bytes, read once. */
function tokensOf(vocabulary: Vocabulary): Tokens {
  const found = known.get(vocabulary);
  if (found !== undefined) return found;
  const idsOf = new Map<string, number[]>();
  let longest = 0;
  for (let id = 0; id < vocabulary.size; id++) {
    const bytes = vocabulary.bytesOf(id);
    if (bytes === null || bytes.length === 0) continue;
    const key = Buffer.from(bytes).toString('latin1');
    idsOf.set(key, [...(idsOf.get(key) ?? []), id]);
    longest = Math.max(longest, key.length);
  }
  const made = { idsOf, longest };
  known.set(vocabulary, made);
  return made;
}

function cannotWrite(choice: string): ProblemError {
  return new ProblemError({
    path: ['output', 'choices'],
    code: 'INVALID_VALUE',
    message: `the model’s tokenizer has no tokens for the choice “${choice.slice(0, 40)}”`,
    hint: 'Write it with characters that the tokenizer knows.',
  });
}
