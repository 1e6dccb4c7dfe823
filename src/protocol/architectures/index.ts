import { z } from 'zod';
import { type HeadKind, readsTokens } from '../heads.js';
import { BertConfig, bert } from './bert.js';
import { DebertaV2Config, debertaV2 } from './deberta-v2.js';
import { DistilBertConfig, distilBert } from './distilbert.js';
import { ElectraConfig, electra } from './electra.js';
import type { Fresh } from './fresh.js';
import { Gemma3TextConfig, gemma3Text } from './gemma3-text.js';
import { Gpt2Config, gpt2 } from './gpt2.js';
import { LlamaConfig, llama } from './llama.js';
import { MistralConfig, mistral } from './mistral.js';
import { ModernBertConfig, modernBert } from './modernbert.js';
import { MpnetConfig, mpnet } from './mpnet.js';
import { Qwen2Config, qwen2 } from './qwen2.js';
import { Qwen3Config, qwen3 } from './qwen3.js';
import { RobertaConfig, roberta } from './roberta.js';
import type { Family, Traits } from './traits.js';
import { UseLiteConfig, useLite } from './use-lite.js';
import { XlmRobertaConfig, xlmRoberta } from './xlm-roberta.js';

export type { BertConfig } from './bert.js';
export type { DebertaV2Config } from './deberta-v2.js';
export type { DistilBertConfig } from './distilbert.js';
export type { ElectraConfig } from './electra.js';
export type { Fresh, FreshOption } from './fresh.js';
export { FreshSizes, largestSize, mostFreshLayers } from './fresh.js';
export type { Gemma3TextConfig } from './gemma3-text.js';
export type { Gpt2Config } from './gpt2.js';
export type { LlamaConfig } from './llama.js';
export type { MistralConfig } from './mistral.js';
export type { ModernBertConfig } from './modernbert.js';
export type { MpnetConfig } from './mpnet.js';
export type { Qwen2Config } from './qwen2.js';
export type { Qwen3Config } from './qwen3.js';
export type { RobertaConfig } from './roberta.js';
export type { RotaryScaling } from './rotary.js';
export type { RotaryDecoder } from './rotary-decoder.js';
export type { Traits } from './traits.js';
export type { UseLiteConfig } from './use-lite.js';
export type { XlmRobertaConfig } from './xlm-roberta.js';

export const ArchitectureConfig = z.discriminatedUnion('architecture', [
  UseLiteConfig,
  BertConfig,
  DistilBertConfig,
  RobertaConfig,
  XlmRobertaConfig,
  ElectraConfig,
  MpnetConfig,
  DebertaV2Config,
  ModernBertConfig,
  Gpt2Config,
  LlamaConfig,
  MistralConfig,
  Qwen2Config,
  Qwen3Config,
  Gemma3TextConfig,
]);
export type ArchitectureConfig = z.infer<typeof ArchitectureConfig>;
export type Architecture = ArchitectureConfig['architecture'];

/** The families of transformers. */
export type TransformerConfig = Exclude<ArchitectureConfig, UseLiteConfig>;

/** Those of them in which a token reads itself and those before it alone. */
export type DecoderConfig = Gpt2Config | LlamaConfig | MistralConfig | Qwen2Config | Qwen3Config | Gemma3TextConfig;

const families: { readonly [Name in Architecture]: Family<Extract<ArchitectureConfig, { architecture: Name }>> } = {
  'use-lite': useLite,
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

/** The name of a family, as jobs and manifests have it. */
export const ArchitectureName = z.enum(Object.keys(families) as [Architecture, ...Architecture[]]);

/** The traits of a model's family. Code asks for a trait and does not compare the names of families. */
export function traitsOf({ architecture }: { readonly architecture: Architecture }): Traits {
  return families[architecture].traits;
}

/** How a model of the family is made from nothing; null where none is. */
export function freshOf({ architecture }: { readonly architecture: Architecture }): Fresh<ArchitectureConfig> | null {
  const family = families[architecture] as Family<ArchitectureConfig>;
  return family.fresh ?? null;
}

/** Tokens of the longest text that a model reads. */
export function longestText(config: ArchitectureConfig): number {
  return familyOf(config).longestText(config);
}

/** Width of the table of word embeddings. */
export function embeddingWidth(config: ArchitectureConfig): number {
  return 'embeddingSize' in config ? config.embeddingSize : config.hiddenSize;
}

/** Width of the vector that a head reads: of a whole text, or of a token. */
export function headInputSize(config: ArchitectureConfig, head: { readonly kind: HeadKind }): number {
  return readsTokens(head) ? config.hiddenSize : familyOf(config).textWidth(config);
}

/** Whether a head has a bias on a model of the family. */
export function headHasBias(
  config: { readonly architecture: Architecture },
  head: { readonly kind: HeadKind },
): boolean {
  return readsTokens(head) || traitsOf(config).textHeadsHaveBias;
}

/** A configuration belongs to the family of its name. */
function familyOf(config: ArchitectureConfig): Family<ArchitectureConfig> {
  return families[config.architecture] as Family<ArchitectureConfig>;
}
