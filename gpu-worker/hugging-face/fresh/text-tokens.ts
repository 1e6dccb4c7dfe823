import type { ConfigurationSource } from '../../../src/protocol/model-source.js';
import { ProblemError } from '../../problem-error.js';
import type { FoundTokenizer } from './found-tokenizer.js';

/** Ids of the tokens around texts; null: there is none. */
export interface TextTokens {
  readonly begin: number | null;
  readonly end: number | null;
  readonly pad: number | null;
}

/** What the files call each, and the names that it usually has. Names of no other tokenizers mean something else. */
const sought = {
  begin: { key: 'bos_token', usual: ['<s>', '<bos>', '<|begin_of_text|>', '<|startoftext|>', '[CLS]'] },
  end: { key: 'eos_token', usual: ['</s>', '<eos>', '<|end_of_text|>', '<|endoftext|>', '[SEP]'] },
  pad: { key: 'pad_token', usual: ['<pad>', '[PAD]', '<|pad|>'] },
} as const;

/**
 * The tokens around texts: those that the input names, else those that the tokenizer's files name, else those of its
 * vocabulary with a usual name. Errors: ProblemError NOT_FOUND for a named one that the vocabulary lacks, REQUIRED for
 * a decoder whose texts no token ends, or a model that counts positions by a padding token that there is not.
 */
export function textTokensOf(
  { tokenizer, settings, config }: Pick<FoundTokenizer, 'tokenizer' | 'settings' | 'config'>,
  given: ConfigurationSource['tokens'],
  needs: { readonly isCausal: boolean; readonly padToken: boolean },
): TextTokens {
  const ids = new Map<string, number>();
  for (let id = tokenizer.vocabularySize - 1; id >= 0; id--) {
    const content = tokenizer.token(id);
    if (content !== '') ids.set(content, id);
  }
  const idOf = (content: unknown) => (typeof content === 'string' ? ids.get(content) : undefined);
  const find = (which: keyof typeof sought): number | null => {
    const named = given[which];
    if (named !== null) {
      const id = idOf(named);
      if (id !== undefined) return id;
      throw tokenProblem(which, 'NOT_FOUND', `the tokenizer has no token “${named}”`);
    }
    const { key, usual } = sought[which];
    const [ofConfig] = [config[`${key}_id`]].flat() as unknown[];
    const isToken = typeof ofConfig === 'number' && tokenizer.token(ofConfig) !== '';
    return (
      idOf(contentOf(settings[key])) ??
      (isToken ? ofConfig : undefined) ??
      // Encoders read what their layout puts around a text, and use neither.
      (needs.isCausal || which === 'pad' ? usual.map(idOf).find((id) => id !== undefined) : undefined) ??
      null
    );
  };
  const found = { begin: find('begin'), end: find('end'), pad: find('pad') };
  if (needs.isCausal && found.end === null) {
    throw tokenProblem('end', 'REQUIRED', 'the tokenizer names no token that ends a text, and none has a usual name');
  }
  if (needs.padToken && found.pad === null) {
    throw tokenProblem(
      'pad',
      'REQUIRED',
      'the family counts positions by the padding token, and the tokenizer names none',
    );
  }
  return found;
}

/** A token as files of transformers write it: its string, or an object that holds it. */
export function contentOf(token: unknown): unknown {
  return typeof token === 'object' && token !== null && 'content' in token ? token.content : token;
}

function tokenProblem(which: keyof typeof sought, code: string, message: string): ProblemError {
  const field = `${which}Token`;
  const hint = `Name one of the tokenizer’s vocabulary as ${field}.`;
  return new ProblemError({ path: ['source', field], code, message, hint });
}
