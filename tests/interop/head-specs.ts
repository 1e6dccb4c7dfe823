import type { TargetHeadSpec } from '../../src/protocol/heads.js';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import { labels } from './texts.js';

/** A head of each kind for the complaints, by the columns of `texts.ts`. */
export const headSpecs = {
  classification: {
    kind: 'classification',
    labelColumn: 'label',
    labels: [...labels],
    classWeights: { kind: 'none' },
  },
  multiLabel: {
    kind: 'multiLabel',
    labelColumn: 'topics',
    labels: ['money', 'question'],
    classWeights: { kind: 'balanced' },
    thresholds: { kind: 'chosen' },
  },
  regression: { kind: 'regression', targetColumns: ['characters', 'spaces'] },
  tokenClassification: {
    kind: 'tokenClassification',
    tagColumn: 'tags',
    labels: ['O', 'B-THING', 'I-THING'],
    scheme: 'iob2',
    classWeights: { kind: 'balanced' },
  },
} satisfies { readonly [Kind in TargetHeadSpec['kind']]: Extract<TargetHeadSpec, { readonly kind: Kind }> };

const targets: ReadonlyMap<string, string[]> = new Map([
  ['distilbert', ['q_lin', 'v_lin', 'ffn.lin1']],
  ['mpnet', ['q', 'v', 'intermediate.dense']],
  ['deberta-v2', ['query_proj', 'value_proj', 'intermediate.dense']],
  ['modernbert', ['Wqkv', 'mlp.Wo']],
  ['gpt2', ['c_attn', 'mlp.c_proj']],
  ['llama', ['q_proj', 'v_proj', 'down_proj']],
  ...['mistral', 'qwen2', 'qwen3', 'gemma3_text'].map((family): [string, string[]] => [
    family,
    ['q_proj', 'v_proj', 'down_proj'],
  ]),
]);

/** An adapter of attention and feed-forward modules, by the names that a family has for them. */
export function adapterOf(family: string): LoraConfig {
  return {
    rank: 4,
    alpha: 8,
    rankStabilized: false,
    dropout: 0.1,
    targetModules: targets.get(family) ?? ['query', 'value', 'intermediate.dense'],
  };
}
