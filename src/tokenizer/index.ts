export { byteCharacters } from './byte-characters.js';
export { createTokenizer } from './create-tokenizer.js';
export { maxCharactersPerToken } from './read-enough.js';
export type { EncodeOptions, Encoding, Tokenizer } from './tokenizer.js';
export { TokenizerError } from './tokenizer-error.js';
export {
  type AddedTokenJson,
  type NormalizerJson,
  type PreTokenizerJson,
  parseTokenizerJson,
  type TokenizerJson,
} from './tokenizer-json.js';
export type { TruncationSide } from './truncate.js';
export { openVocabulary, type Vocabulary } from './vocabulary.js';
export { withSpecialTokens } from './with-special-tokens.js';
