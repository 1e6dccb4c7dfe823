import { add, matMul, oneHot, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import type { TokenInputs } from './encoder-run.js';
import { parameter } from './modules.js';

/**
 * Sums the embeddings of tokens, positions and token types, as BERT and RoBERTa have them: → [B,T,H]. Where there are
 * no types, or only one, every token has the type 0.
 *
 * @param firstPosition the row of the position table that the first token gets
 */
export function tokenEmbeddings(
  parameters: Tensors,
  { ids, typeIds }: TokenInputs,
  firstPosition: number,
  { hiddenSize: H, tokenTypes: K }: { readonly hiddenSize: number; readonly tokenTypes: number },
): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const words = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), ids); //         [B·T,H]
  const tokens = reshape(words, [B, T, H]); //                                                         [B,T,H]
  const positionTable = parameter(parameters, 'embeddings.position_embeddings.weight');
  const positions = slice(positionTable, [firstPosition, 0], [T, H]); //                               [T,H]
  const types = parameter(parameters, 'embeddings.token_type_embeddings.weight'); //                   [K,H]
  return typeIds === undefined || K === 1
    ? add(tokens, add(positions, slice(types, [0, 0], [1, H])))
    : add(add(tokens, positions), typeEmbeddings(types, typeIds, K));
}

/** Adds the embeddings of token types alone: tokens [B,T,H] → [B,T,H]. Without types, every token has the type 0. */
export function addTypeEmbeddings(
  parameters: Tensors,
  tokens: Tensor,
  typeIds: TokenInputs['typeIds'],
  K: number,
): Tensor {
  const types = parameter(parameters, 'embeddings.token_type_embeddings.weight'); //                   [K,H]
  return typeIds === undefined || K === 1
    ? add(tokens, slice(types, [0, 0], [1, types.shape[1]!]))
    : add(tokens, typeEmbeddings(types, typeIds, K));
}

/**
 * Looks up rows of a small table [K,H] by a matrix product: typeIds [B,T] → [B,T,H]. The gradient is then a matrix
 * product too, and not a list of B·T rows.
 */
function typeEmbeddings(types: Tensor, typeIds: Tensor, K: number): Tensor {
  const [B = 0, T = 0] = typeIds.shape;
  const chosen = oneHot(reshape(typeIds, [B * T]), K, 1, 0, 'float32'); //                             [B·T,K]
  return reshape(matMul(chosen, types), [B, T, types.shape[1]!]);
}
