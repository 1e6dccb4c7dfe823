import type { ModelManifest } from '../../../src/protocol/model-manifest.js';

/** A small file of an export: its name and JSON. */
export type JsonFile = readonly [name: string, content: unknown];

/**
 * What sentence-transformers needs besides the bare model to give the vector that mean-pooled heads read.
 * https://sbert.net/docs/sentence_transformer/usage/custom_models.html
 */
export function sentenceTransformersFiles(manifest: ModelManifest, hiddenSize: number): JsonFile[] {
  const module = (index: number, path: string, type: string) => ({
    idx: index,
    name: String(index),
    path,
    type: `sentence_transformers.models.${type}`,
  });
  return [
    ['modules.json', [module(0, '', 'Transformer'), module(1, '1_Pooling', 'Pooling')]],
    [
      '1_Pooling/config.json',
      {
        word_embedding_dimension: hiddenSize,
        pooling_mode_cls_token: false,
        pooling_mode_mean_tokens: true,
        pooling_mode_max_tokens: false,
        pooling_mode_mean_sqrt_len_tokens: false,
      },
    ],
    [
      'sentence_bert_config.json',
      { max_seq_length: manifest.maxLength ?? manifest.contextLength, do_lower_case: false },
    ],
  ];
}
