import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';
import type { LanguageModellingInput } from './input.js';

/** The input that such a spec comes from. */
export function languageModellingInputOf({ textColumn, packing }: LanguageModellingSpec): LanguageModellingInput {
  return { textColumn, packing };
}
