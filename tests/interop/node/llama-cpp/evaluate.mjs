// @ts-check
/**
 * Runs a GGUF file in llama.cpp, on a processor, by the package node-llama-cpp: `node evaluate.mjs <request> <answer>`,
 * two files of JSON. A process of its own, as llama.cpp ends the process where it finds a file wrong.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Request
 * @property {string} environment The folder that has node_modules.
 * @property {string} model The GGUF file.
 * @property {string[]} texts To make tokens of, special ones that they spell included.
 * @property {number[][]} sequences Of tokens.
 * @property {{ prompt: number[], count: number } | null} greedy
 */

const [requestFile = '', answerFile = ''] = process.argv.slice(2);
const request = /** @type {Request} */ (JSON.parse(await readFile(requestFile, 'utf8')));
const entry = createRequire(join(request.environment, 'package.json')).resolve('node-llama-cpp');
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);

const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: request.model, gpuLayers: 0, checkTensors: true });
// A context that is full would forget what came first.
const contextSize =
  16 + Math.max(0, ...request.sequences.map(({ length }) => length), request.greedy?.prompt.length ?? 0);
// Keys and values as the model computes them; by default they are rounded to half precision.
const context = await model.createContext({
  contextSize,
  batchSize: contextSize,
  threads: 1,
  flashAttention: false,
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
});
const sequence = context.getSequence();

/** Probabilities of the next token after each token, [T][V]. @param {number[]} tokens */
async function probabilities(tokens) {
  await sequence.clearHistory();
  const outputs = await sequence.controlledEvaluate(
    tokens.map((token) => [token, { generateNext: { probabilities: true } }]),
  );
  return outputs.map(
    /** @param {{ next: { probabilities: Map<number, number> } }} output */ ({ next }) => {
      const row = new Array(next.probabilities.size).fill(0);
      for (const [token, probability] of next.probabilities) row[token] = probability;
      return row;
    },
  );
}

/** @param {{ prompt: number[], count: number }} wish */
async function greedily({ prompt, count }) {
  await sequence.clearHistory();
  const tokens = [];
  for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    tokens.push(token);
    if (tokens.length === count) break;
  }
  return tokens;
}

const rows = [];
for (const tokens of request.sequences) rows.push(await probabilities(tokens));
const answer = {
  contextLength: model.trainContextSize,
  tokens: request.texts.map((text) => [...model.tokenize(text, true)]),
  begin: model.tokens.bos,
  end: model.tokens.eos,
  addsBegin: model.tokens.shouldPrependBosToken,
  chatTemplate: model.fileInfo.metadata.tokenizer?.chat_template ?? null,
  probabilities: rows,
  greedy: request.greedy === null ? [] : await greedily(request.greedy),
};
await writeFile(answerFile, JSON.stringify(answer));
await llama.dispose();
