import { readsTokens, rewardHeadOf } from '../../src/protocol/heads.js';
import type { PredictJob, TextPrediction } from '../../src/protocol/job.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import { readsTokenTypes } from '../data/token-types.js';
import { type TokenizedTexts, tokenizeTexts } from '../data/tokenize.js';
import { splitWords, type WordSpan } from '../data/word-spans.js';
import { headOf, predictHead } from '../heads/index.js';
import { tokenSource } from './example-source.js';
import type { ReadyModel } from './ready-model.js';
import { runHeads } from './run-heads.js';
import { scoreAnswers } from './score-answers.js';

/**
 * The predictions of every head for each text, in the order of the texts. Heads of tokens tag the words that
 * `splitWords` finds.
 */
export async function predict(
  model: ReadyModel,
  { texts, pairs }: Pick<PredictJob, 'texts' | 'pairs'>,
  onProgress: () => void,
): Promise<TextPrediction[]> {
  const { maxLength, manifest, tokenizer } = model;
  if (model.answers !== null) return predictRewards(model, { texts, pairs }, onProgress);
  const cut = { maxLength, truncationSide: manifest.truncationSide };
  const words = manifest.heads.some(readsTokens) && pairs === null ? texts.map(splitWords) : null;
  const readsTypes = readsTokenTypes(model, pairs !== null, 'pairs');
  const tokens = tokenizeTexts(tokenizer, { texts, pairs, words, readsTypes }, cut, onProgress);
  const source = tokenSource(tokens, standingBuckets(maxLength));
  const outputs = await runHeads(model.forward(source.inputs), manifest.heads.map(headOf), source, onProgress);
  return texts.map((_, row) => {
    const seen = words === null ? [] : wordsSeen(tokens, row, words[row] ?? []);
    return {
      tokenCount: tokens.lengths[row] ?? 0,
      truncated: tokens.truncated[row] === 1,
      tasks: manifest.heads.map((head, k) => predictHead(head, outputs[k]!, row, seen)),
    };
  });
}

/**
 * The rewards of the texts or, with second texts, of these as answers to the first ones; none of an answer of which the
 * model reads no token.
 */
async function predictRewards(
  model: ReadyModel,
  { texts, pairs }: Pick<PredictJob, 'texts' | 'pairs'>,
  onProgress: () => void,
): Promise<TextPrediction[]> {
  const head = rewardHeadOf(model.manifest)!;
  const answers = texts.map((text, i) =>
    pairs === null ? { prompt: null, completion: text } : { prompt: text, completion: pairs[i]! },
  );
  const { outputs, lengths, truncated } = await scoreAnswers(model, answers, onProgress);
  return texts.map((_, row) => ({
    tokenCount: lengths[row]!,
    truncated: truncated[row] === 1,
    tasks: [
      lengths[row] === 0
        ? { kind: 'reward', task: head.task, value: null, output: null }
        : predictHead(head, outputs, row, []),
    ],
  }));
}

/** Those words of a text that have a token, each with the first of its tokens. */
function wordsSeen({ firstOfWord, offsets }: TokenizedTexts, row: number, words: readonly WordSpan[]) {
  const seen: (WordSpan & { readonly token: number })[] = [];
  for (let token = offsets[row] ?? 0; token < (offsets[row + 1] ?? 0); token++) {
    const word = words[firstOfWord?.[token] ?? -1];
    if (word !== undefined) seen.push({ ...word, token });
  }
  return seen;
}
