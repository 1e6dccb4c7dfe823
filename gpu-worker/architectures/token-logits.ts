import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';
import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import type { Tensors } from '../engine/types.js';
import type { LogitTable } from '../losses/target-chunks.js';
import { nextTokenTable } from './decoder.js';
import { type EncoderRun, inference, isDecoder } from './encoder-run.js';
import { maskedTokenTable, transformForTokens } from './masked-tokens.js';

/** What logits of tokens are the product of: rows [N,H], and the table [V,H] with its bias. */
export interface TokenLogits {
  readonly rows: Tensor;
  readonly table: LogitTable;
}

/** How a model predicts tokens from the last layer's states [N,H]: the next ones, or those that were masked. */
export function tokenLogits(
  parameters: Tensors,
  states: Tensor,
  config: TransformerConfig,
  run: EncoderRun = inference,
): TokenLogits {
  return isDecoder(config)
    ? { rows: states, table: { table: nextTokenTable(parameters, config) } }
    : { rows: transformForTokens(parameters, states, config, run), table: maskedTokenTable(parameters, config) };
}

/** All logits at once: states [N,H] → [N,V]. */
export function allTokenLogits(parameters: Tensors, states: Tensor, config: TransformerConfig): Tensor {
  const { rows, table } = tokenLogits(parameters, states, config);
  const logits = matMul(rows, table.table, false, true);
  return table.bias === undefined ? logits : add(logits, table.bias);
}
