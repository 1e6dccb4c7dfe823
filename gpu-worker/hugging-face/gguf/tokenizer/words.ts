import type { PreTokenizerJson } from '../../../../src/tokenizer/index.js';

/** How llama.cpp divides texts into words, by the name that its files have for it (`tokenizer.ggml.pre`). */
interface KnownWords {
  readonly name: string;
  /** Whether words that are tokens are taken whole, whatever the merges say; llama.cpp decides it by the name. */
  readonly ignoresMerges: boolean;
  /** The regular expression of a `tokenizer.json`; null: GPT-2's, of `ByteLevel` itself. */
  readonly pattern: string | null;
  /** Whether each digit is a word of its own before the pattern counts. */
  readonly splitsDigits?: boolean;
  /** What llama.cpp does otherwise, for a reader of the card. */
  readonly note?: string;
}

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const ofLlama3 = `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|${rest}`;
const upper = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const lower = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const restWithSlash = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const ofCases = (ending: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${ending}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${ending}`;
const caseNote =
  'llama.cpp knows capital letters of ASCII alone here: words in which other capitals follow small letters may have other tokens.';

/** By the regular expressions of llm_tokenizer_bpe in llama-vocab.cpp, and what it does with each name. */
const known: readonly KnownWords[] = [
  { name: 'gpt-2', pattern: null, ignoresMerges: false },
  { name: 'smollm', pattern: null, ignoresMerges: false, splitsDigits: true },
  { name: 'llama-bpe', pattern: ofLlama3, ignoresMerges: true },
  { name: 'smaug-bpe', pattern: ofLlama3, ignoresMerges: false },
  {
    name: 'qwen2',
    pattern: `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|${rest}`,
    ignoresMerges: false,
  },
  {
    name: 'qwen35',
    pattern: `${contractions}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
    ignoresMerges: false,
  },
  {
    name: 'tekken',
    pattern: `${ofCases('')}|\\p{N}|${restWithSlash}`,
    ignoresMerges: true,
    note: caseNote,
  },
  {
    name: 'gpt-4o',
    pattern: `${ofCases(`${contractions}?`)}|\\p{N}{1,3}|${restWithSlash}`,
    ignoresMerges: false,
    note: caseNote,
  },
];

/** The words of a byte-level tokenizer in llama.cpp; null where llama.cpp has no such words. */
export function wordsOf(
  json: PreTokenizerJson | null,
  ignoresMerges: boolean,
): { readonly name: string; readonly notes: readonly string[] } | null {
  const steps = json?.type === 'Sequence' ? json.pretokenizers : [json];
  const last = steps.at(-1);
  if (last?.type !== 'ByteLevel' || last.add_prefix_space) return null;
  const before = steps.slice(0, -1);
  const [split] = before;
  if (before.length > 1 || (before.length === 1) === (last.use_regex && split?.type !== 'Digits')) return null;
  const splitsDigits = split?.type === 'Digits' && split.individual_digits && last.use_regex;
  if (split !== undefined && !splitsDigits && !isIsolating(split)) return null;
  const pattern = split !== undefined && isIsolating(split) ? split.pattern.Regex : null;
  const found = known.find(
    (words) =>
      words.pattern === pattern &&
      (words.splitsDigits ?? false) === splitsDigits &&
      words.ignoresMerges === ignoresMerges,
  );
  return found === undefined ? null : { name: found.name, notes: found.note === undefined ? [] : [found.note] };
}

type Step = NonNullable<PreTokenizerJson>;

function isIsolating(
  step: Step | null,
): step is Extract<Step, { type: 'Split' }> & { readonly pattern: { readonly Regex: string } } {
  return step?.type === 'Split' && 'Regex' in step.pattern && step.behavior === 'Isolated' && !step.invert;
}
