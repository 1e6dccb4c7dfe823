import type { Architecture } from '../protocol/architectures/index.js';

/** The families' names in the graph. The code does not compile while one is missing. */
export const familyNames = {
  'use-lite': 'USE_LITE',
  bert: 'BERT',
  distilbert: 'DISTILBERT',
  roberta: 'ROBERTA',
  'xlm-roberta': 'XLM_ROBERTA',
  electra: 'ELECTRA',
  mpnet: 'MPNET',
  'deberta-v2': 'DEBERTA_V2',
  modernbert: 'MODERNBERT',
  gpt2: 'GPT2',
  llama: 'LLAMA',
  mistral: 'MISTRAL',
  qwen2: 'QWEN2',
  qwen3: 'QWEN3',
  gemma3_text: 'GEMMA3_TEXT',
} as const satisfies Readonly<Record<Architecture, string>>;

/** A family's name in the graph, e.g. USE_LITE. */
export function familyName({ architecture }: { readonly architecture: Architecture }): string {
  return familyNames[architecture];
}
