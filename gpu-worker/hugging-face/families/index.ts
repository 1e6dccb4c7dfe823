import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { bert } from './bert.js';
import { debertaV2 } from './deberta-v2.js';
import { distilBert } from './distilbert.js';
import { electra } from './electra.js';
import type { TransformersFamily } from './family.js';
import { gemma3Text } from './gemma3-text.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { modernBert } from './modernbert.js';
import { mpnet } from './mpnet.js';
import { qwen2 } from './qwen2.js';
import { qwen3 } from './qwen3.js';
import { roberta } from './roberta.js';
import { xlmRoberta } from './xlm-roberta.js';

/** The name of a family: Attune's, and `model_type` in `config.json`. */
export type FamilyName = TransformerConfig['architecture'];

const families: {
  readonly [Name in FamilyName]: TransformersFamily<Extract<TransformerConfig, { architecture: Name }>>;
} = {
  bert,
  distilbert: distilBert,
  roberta,
  'xlm-roberta': xlmRoberta,
  electra,
  mpnet,
  'deberta-v2': debertaV2,
  modernbert: modernBert,
  gpt2,
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma3_text: gemma3Text,
};

export const familyNames = Object.keys(families) as readonly FamilyName[];

/** The family of a name. A configuration that is written belongs to the family that writes it. */
export function familyOf(name: FamilyName): TransformersFamily<TransformerConfig> {
  return families[name] as TransformersFamily<TransformerConfig>;
}

/** What Attune imports and trains, in a sentence: a hint for whoever brings another model. */
export const supportedFamilies = `Attune trains ${inWords('conjunction', (name) => families[name].title)}: model_type ${inWords('disjunction', (name) => name)}.`;

/** The families in a row: “a, b and c”, or “a, b or c”. */
function inWords(type: 'conjunction' | 'disjunction', textOf: (name: FamilyName) => string): string {
  return new Intl.ListFormat('en-GB', { type }).format(familyNames.map(textOf));
}
