import { traitsOf } from './architectures/index.js';
import type { ModelManifest } from './model-manifest.js';

/** The types of tokens that a tokenizer gives: to all those of a single text, and to those of a pair. */
export interface LayoutTypes {
  readonly single: readonly number[];
  readonly pair: readonly number[];
}

export interface TokenTypes {
  /** Whether the types of tokens make a difference to the model; else they count as 0. */
  readonly areRead: boolean;
  /** The largest type, where the model has no row for it: it cannot read such texts. Else null. */
  readonly beyond: number | null;
  /** Types that the model has a row for. */
  readonly rows: number;
}

type Model = Pick<ModelManifest, 'config' | 'givesTokenTypes'>;

/** Whether a model's tokenizer gives types of tokens, and the model has a table of them. */
export function givesTokenTypes({ config, givesTokenTypes: own }: Model): boolean {
  return 'tokenTypes' in config && config.tokenTypes > 0 && (own ?? traitsOf(config).givesTokenTypes);
}

/**
 * What types of tokens are to a model, as transformers does it: where the tokenizer gives none, all tokens have the
 * type 0.
 */
export function tokenTypesOf(model: Model, layout: LayoutTypes, isPair: boolean): TokenTypes {
  const { config } = model;
  const rows = 'tokenTypes' in config ? config.tokenTypes : 0;
  if (!givesTokenTypes(model)) return { areRead: false, beyond: null, rows };
  const largest = Math.max(0, ...(isPair ? layout.pair : layout.single));
  if (largest >= rows) return { areRead: true, beyond: largest, rows };
  // Of pairs a family that tells texts apart reads types even where a tokenizer gives all the same one.
  const isUsual = isPair && traitsOf(config).givesTokenTypes;
  return { areRead: rows > 1 && (isUsual || largest > 0), beyond: null, rows };
}

/** Why a model cannot read texts whose tokens get types that it has no row for. */
export function beyondTable({ beyond, rows }: TokenTypes, isPair: boolean): string {
  const texts = isPair ? 'pairs of texts' : 'texts';
  const table = rows === 1 ? 'for the type 0 alone' : `for the types 0 to ${rows - 1}`;
  return `the tokenizer gives tokens of ${texts} the type ${beyond}, and the model has rows ${table} (type_vocab_size ${rows})`;
}
