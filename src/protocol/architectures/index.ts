import { z } from 'zod';
import { type HeadKind, readsTokens } from '../heads.js';
import { BertConfig, bert } from './bert.js';
import { DistilBertConfig, distilBert } from './distilbert.js';
import { RobertaConfig, roberta } from './roberta.js';
import type { Family, Traits } from './traits.js';
import { UseLiteConfig, useLite } from './use-lite.js';

export type { BertConfig } from './bert.js';
export type { DistilBertConfig } from './distilbert.js';
export type { RobertaConfig } from './roberta.js';
export type { Traits } from './traits.js';
export type { UseLiteConfig } from './use-lite.js';

export const ArchitectureConfig = z.discriminatedUnion('architecture', [
  UseLiteConfig,
  BertConfig,
  DistilBertConfig,
  RobertaConfig,
]);
export type ArchitectureConfig = z.infer<typeof ArchitectureConfig>;
export type Architecture = ArchitectureConfig['architecture'];

const families: { readonly [Name in Architecture]: Family<Extract<ArchitectureConfig, { architecture: Name }>> } = {
  'use-lite': useLite,
  bert,
  distilbert: distilBert,
  roberta,
};

/** The traits of a model's family. Code asks for a trait and does not compare the names of families. */
export function traitsOf({ architecture }: { readonly architecture: Architecture }): Traits {
  return families[architecture].traits;
}

/** Tokens of the longest text that a model reads. */
export function longestText(config: ArchitectureConfig): number {
  return familyOf(config).longestText(config);
}

/** Width of the vector that a head reads: of a whole text, or of a token. */
export function headInputSize(config: ArchitectureConfig, head: { readonly kind: HeadKind }): number {
  return readsTokens(head) ? config.hiddenSize : familyOf(config).textWidth(config);
}

/** A configuration belongs to the family of its name. */
function familyOf(config: ArchitectureConfig): Family<ArchitectureConfig> {
  return families[config.architecture] as Family<ArchitectureConfig>;
}
