import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { EncoderConfig } from '../architectures/encoder-run.js';
import { headsFile } from './head-notes.js';

type Family = EncoderConfig['architecture'];

/** What a tensor of a file is to Attune. */
export type TensorRole =
  /** A parameter of the encoder or its pooler, by Attune's name; whether there is one of this name, its shapes tell. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** Part of the head of `…ForSequenceClassification` or `…ForTokenClassification`. */
  | { readonly kind: 'head'; readonly part: 'weight' | 'bias' }
  /** Known, and no part of an encoder with heads of Attune's kinds. */
  | { readonly kind: 'ignored' };

/**
 * What follows the encoder in a family's `…ForSequenceClassification`: the projection that Attune calls pooler, and the
 * head. BERT's pooler belongs to the bare model. RoBERTa's bare model has one too, which its classifier doesn't use.
 */
export const classifierModules: Readonly<Record<Family, { readonly pooler: string; readonly head: string }>> = {
  bert: { pooler: 'pooler.dense', head: 'classifier' },
  distilbert: { pooler: 'pre_classifier', head: 'classifier' },
  roberta: { pooler: 'classifier.dense', head: 'classifier.out_proj' },
};

/** The head of every family's `…ForTokenClassification`, which has no pooler. */
export const tokenHeadModule = 'classifier';

/** Heads that models are pre-trained with, of other tasks, and buffers that older versions of transformers stored. */
const ignored: readonly RegExp[] = [
  /^embeddings\.(position_ids|token_type_ids)$/,
  /^cls\./, //                                                   BERT: masked words, next sentence
  /^lm_head\./, //                                               RoBERTa: masked words
  /^(vocab_transform|vocab_layer_norm|vocab_projector)\./, //    DistilBERT: masked words
  /^qa_outputs\./,
];

const besidePrefix = `${headsFile}: `;

/**
 * How a tensor of `heads.safetensors` is told from one of the same name in the model's own files: it has Attune's
 * names.
 */
export function besideName(name: string): string {
  return besidePrefix + name;
}

/**
 * The role of a tensor, by its name in a file. Files of bare models have names without prefix, others `bert.` and its
 * like in front of the encoder's; before 2019 LayerNorm's weight and bias were `gamma` and `beta`.
 *
 * @param writtenBy the class of transformers that wrote the file: `classifier.weight` is also what other classes have
 */
export function roleOf(fileName: string, family: Family, writtenBy: string | null): TensorRole {
  if (fileName.startsWith(besidePrefix)) return { kind: 'parameter', name: fileName.slice(besidePrefix.length) };
  const prefix = `${family}.`;
  const bare = fileName.startsWith(prefix) ? fileName.slice(prefix.length) : fileName;
  const name = bare.replace(/\.gamma$/, '.weight').replace(/\.beta$/, '.bias');
  if (ignored.some((pattern) => pattern.test(name))) return { kind: 'ignored' };
  const [part] = name.match(/(?<=\.)(weight|bias)$/) ?? [];
  const { pooler } = classifierModules[family];
  if (part === 'weight' || part === 'bias') {
    const module = name.slice(0, -part.length - 1);
    if (module === pooler) return { kind: 'parameter', name: `${poolerModule}.${part}` };
    if (family === 'roberta' && module === 'pooler.dense') return { kind: 'ignored' };
    if (module === headModuleOf(family, writtenBy)) return { kind: 'head', part };
  }
  if (/^classifier\./.test(name)) return { kind: 'ignored' };
  return { kind: 'parameter', name };
}

/** Null for classes whose heads are of another kind. */
function headModuleOf(family: Family, writtenBy: string | null): string | null {
  if (classifiesTokens(writtenBy)) return tokenHeadModule;
  const classifiesTexts = writtenBy === null || writtenBy.endsWith('ForSequenceClassification');
  return classifiesTexts ? classifierModules[family].head : null;
}

/** @param writtenBy a class of transformers */
export function classifiesTokens(writtenBy: string | null): boolean {
  return writtenBy?.endsWith('ForTokenClassification') === true;
}

/**
 * The name of a tensor of the encoder or its pooler in a file of `…ForSequenceClassification`, or but for the pooler
 * `…ForTokenClassification`.
 */
export function classifierTensorName(name: string, family: Family): string {
  const { pooler } = classifierModules[family];
  if (!name.startsWith(`${poolerModule}.`)) return `${family}.${name}`;
  const own = pooler + name.slice(poolerModule.length);
  return family === 'bert' ? `bert.${own}` : own;
}
