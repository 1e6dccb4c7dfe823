import { checkTextColumn } from '../../../datasets/check-columns.js';
import { familyName } from '../../../models/family-name.js';
import { problem } from '../../../problems/problem.js';
import { traitsOf } from '../../../protocol/architectures/index.js';
import { measuredBy } from '../../../protocol/methods/language-modelling.js';
import type { MethodRequest } from '../request.js';
import type { LanguageModellingInput } from './input.js';

const path = ['method', 'languageModelling'];

export function requestLanguageModelling({ textColumn, packing }: LanguageModellingInput): MethodRequest {
  return {
    learns: 'tokens',
    textColumns: [textColumn],
    checkTextColumns: (version) => checkTextColumn(version, textColumn, [...path, 'textColumn']),
    checkModel({ config }) {
      if (traitsOf(config).isCausal) return [];
      const message = `A model of the family ${familyName(config)} reads texts in both directions: it can not predict the next token.`;
      return [problem(path, 'INVALID_VALUE', message, 'Choose a decoder, such as GPT-2 or Llama.')];
    },
    pairs: null,
    heads: [],
    problems: [],
    measured: measuredBy({ control: null }),
    specOf: (base) => ({
      method: 'languageModelling',
      ...base,
      textColumn,
      pairColumn: null,
      objective: 'causal',
      packing,
      control: null,
    }),
  };
}
