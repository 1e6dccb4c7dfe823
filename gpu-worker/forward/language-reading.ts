import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { tokenLogits } from '../architectures/token-logits.js';
import { tokenStates } from '../architectures/transformer.js';
import { withoutDropout } from '../nn/without-dropout.js';
import { tokensOf } from './example-source.js';
import type { ModelPlan } from './model-plan.js';
import type { LanguageReading } from './score-rows.js';

/** How a planned language model's logits are computed where it is measured. */
export function languageReading(config: TransformerConfig, { reading }: Pick<ModelPlan, 'reading'>): LanguageReading {
  const run = { ...reading, random: withoutDropout };
  return {
    config,
    states: (parameters, inputs) => tokenStates(parameters, tokensOf(inputs), config, run),
    logits: (parameters, states) => tokenLogits(parameters, states, config, run),
  };
}
