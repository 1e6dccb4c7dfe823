import type { ModelHead } from '../../src/protocol/heads.js';
import { outputNames, readsTokens } from '../../src/protocol/heads.js';
import { type Batch, planByTokens } from '../data/batch-plan.js';
import { collateTokens, type TokenBatch } from '../data/collate.js';
import { InferenceSession, Tensor } from '../engine/runtime/onnx-runtime.js';
import { invalidModel } from '../models/invalid-model.js';
import { runInHalves, takesEarlierTokens } from './cached-run.js';
import type { Computed } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { withoutRepetitions } from './picked-places.js';

/** An output of a graph, and how its numbers become rows. */
export interface GraphOutput {
  /** Its name in the file. */
  readonly output: string;
  /** Its name in the certificate. */
  readonly name: string;
  readonly head: ModelHead | null;
  /** Which rows are taken: one of each text, one of each token, or those of the picked places. */
  readonly rows: 'texts' | 'tokens' | 'picked';
}

/** Numbers of one output of a batch: 128 MiB. */
const mostNumbers = 2 ** 25;
const tokensPerBatch = 1024;

/** The output of a head. @param output its name in the file */
export function outputOfHead(head: ModelHead, output: string): GraphOutput {
  return { output, name: `logits of ${head.task}`, head, rows: readsTokens(head) ? 'tokens' : 'texts' };
}

/**
 * Runs a file in a session of ONNX Runtime that has nothing of Attune's: its inputs are filled as tokenizers of
 * transformers fill them, several texts together, padded on the right.
 *
 * @param path of the file; its external data lies beside it
 * @param widest numbers that an output has for each token
 * @param onBatch may throw in order to stop
 * @throws ProblemError INVALID_MODEL for a file that ONNX Runtime refuses, or that lacks an output
 */
export async function runOnnxFile(
  path: string,
  outputs: readonly GraphOutput[],
  { tokens, picked }: RowsToCheck,
  { threads, widest }: { readonly threads: number; readonly widest: number },
  onBatch: () => void,
): Promise<Computed[]> {
  const session = await open(path, threads);
  try {
    const missing = outputs.find(({ output }) => !session.outputNames.includes(output));
    if (missing !== undefined) throw invalidModel(`the graph has no output ${missing.output}`);
    const collected = outputs.map(() => new Map<number, Float32Array>());
    const limit = Math.max(1, Math.min(tokensPerBatch, Math.floor(mostNumbers / widest)));
    for (const batch of planByTokens(tokens.lengths, { tokens: limit, mostRows: 32 })) {
      const B = batch.examples.length;
      const found = await run(session, collateTokens(tokens, batch, B), B, batch.length, outputs);
      for (const [k, output] of outputs.entries()) {
        const values = numbersOf(found[output.output]!);
        for (const [at, row] of batch.examples.entries()) {
          collected[k]!.set(row, rowsOf(values, at, row, batch, output));
        }
      }
      onBatch();
    }
    return outputs.map((output, k) => computed(output, collected[k]!));
  } finally {
    await session.release();
  }

  /** What an output says of one text. */
  function rowsOf(values: Float32Array, at: number, row: number, batch: Batch, { rows }: GraphOutput): Float32Array {
    const perText = values.length / batch.examples.length;
    const ofText = values.subarray(at * perText, (at + 1) * perText);
    if (rows === 'texts') return ofText.slice();
    const W = perText / batch.length;
    if (rows === 'tokens') return ofText.slice(0, tokens.lengths[row]! * W);
    const { perRow: K, places } = picked!;
    const taken = new Float32Array(K * W);
    for (let k = 0; k < K; k++) {
      const place = places[row * K + k]!;
      taken.set(ofText.subarray(place * W, (place + 1) * W), k * W);
    }
    return taken;
  }

  function computed({ name, head, rows }: GraphOutput, ofRows: ReadonlyMap<number, Float32Array>): Computed {
    const all = joined(Array.from(tokens.lengths, (_, row) => ofRows.get(row)!));
    const values = rows === 'picked' ? withoutRepetitions(all, picked!) : all;
    const count =
      rows === 'texts'
        ? tokens.lengths.length
        : rows === 'tokens'
          ? tokens.ids.length
          : picked!.counts.reduce((sum, each) => sum + each, 0);
    const width = head === null ? values.length / Math.max(1, count) : outputNames(head).length;
    return { name, task: head?.task ?? null, width, values };
  }
}

async function open(path: string, threads: number): Promise<InferenceSession> {
  try {
    // As the runtime opens a file without being told anything, but for its threads.
    return await InferenceSession.create(path, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  } catch (error) {
    throw invalidModel('ONNX Runtime does not load the graph', error);
  }
}

async function run(
  session: InferenceSession,
  batch: TokenBatch,
  B: number,
  T: number,
  outputs: readonly GraphOutput[],
): Promise<Readonly<Record<string, Tensor>>> {
  const feeds = takesEarlierTokens(session) ? null : feedsOf(session, batch, B, T);
  try {
    if (feeds === null) return await runInHalves(session, batch, B, T);
    return await session.run(feeds, [...new Set(outputs.map(({ output }) => output))]);
  } catch (error) {
    throw invalidModel('ONNX Runtime cannot run the graph', error);
  }
}

function feedsOf(
  { inputNames }: Pick<InferenceSession, 'inputNames'>,
  { ids, mask, typeIds }: TokenBatch,
  B: number,
  T: number,
): Record<string, Tensor> {
  const int64 = (values: ArrayLike<number>) =>
    new Tensor('int64', BigInt64Array.from(Array.from(values, BigInt)), [B, T]);
  return Object.fromEntries(
    inputNames.map((name) => {
      switch (name) {
        case 'input_ids':
          return [name, int64(ids)];
        case 'attention_mask':
          return [name, int64(mask)];
        case 'token_type_ids':
          return [name, int64(typeIds ?? new Int32Array(B * T))];
        default:
          throw invalidModel(`the graph has an input ${name}, which no tokenizer gives`);
      }
    }),
  );
}

function numbersOf({ data, type }: Tensor): Float32Array {
  if (type !== 'float32') throw invalidModel(`the graph gives ${type} in place of float32`);
  return data as Float32Array;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
