import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { mismatchedAnswers } from '../../data/mismatched-answers.js';
import { oneSequenceARow } from '../../data/pack-sequences.js';
import { type PreferenceExamples, pairedExamples, singleExamples } from '../../data/preference-examples.js';
import type { Preferences } from '../../data/preferences.js';
import { type SamplePrompt, samplePrompts } from '../../data/sample-prompts.js';
import type { TokenRows } from '../../data/token-sequences.js';
import { firstTargets } from '../../forward/score-tokens.js';

/** Beginnings of texts from which a model goes on at each evaluation. */
const promptCount = 3;

/** Judged answers as rows of tokens, and the examples that they make. */
export interface PreferenceTexts {
  /** One text a row: a prompt with an answer. Targets are the answer's tokens, and the prompt's where it is learned. */
  readonly rows: TokenRows;
  /** [N+1]: the place of each text's first target among those of all. */
  readonly starts: Int32Array;
  /** Of each target: 1 where it belongs to the answer. */
  readonly areAnswers: Uint8Array;
  /** [N] tokens of each answer. */
  readonly answerTokens: Int32Array;
  readonly examples: PreferenceExamples;
  /** Texts 1 to N with the answers of other prompts, where the objective compares with them; else null. */
  readonly mismatched: TokenRows | null;
  readonly prompts: readonly SamplePrompt[];
}

/** What an objective learns of judged answers. @param maxLength the most tokens of a text */
export function preferenceTexts(
  preferences: Preferences,
  objective: PreferenceObjective,
  maxLength: number,
): PreferenceTexts {
  const { texts, isAnswer, prompts, judgements } = preferences;
  const { ids, offsets } = texts;
  const answers = { ids, offsets, isTarget: isAnswer };
  const examples = objective.kind === 'kto' ? singleExamples(judgements) : pairedExamples(preferences);
  const learnsPrompts = objective.kind === 'orpo' && objective.learnsPrompts;
  const isTarget = learnsPrompts && examples.kind === 'pairs' ? withPrompts(answers, examples.texts) : isAnswer;
  const rows = oneSequenceARow({ ids, offsets, isTarget });
  const starts = firstTargets(rows);
  const areAnswers = new Uint8Array(starts.at(-1)!);
  let target = 0;
  for (const [token, is] of isTarget.entries()) {
    if (is === 1) areAnswers[target++] = isAnswer[token]!;
  }
  const comparesMismatched = objective.kind === 'kto' && objective.loss === 'kto';
  return {
    rows,
    starts,
    areAnswers,
    answerTokens: rows.lengths.map((_, text) => {
      return areAnswers.subarray(starts[text]!, starts[text + 1]!).reduce((sum, is) => sum + is, 0);
    }),
    examples,
    mismatched: comparesMismatched ? oneSequenceARow(mismatchedAnswers(answers, prompts, maxLength)) : null,
    prompts: samplePrompts(answers, promptCount),
  };
}

/** The rows that a model scores: of each, the texts and then those with the answers of other prompts. */
export function scoredRows(all: readonly Pick<PreferenceTexts, 'rows' | 'mismatched'>[]): TokenRows[] {
  return all.flatMap(({ rows, mismatched }) => (mismatched === null ? [rows] : [rows, mismatched]));
}

/** Targets with the prompts of the better answers. @param pairs [2P] as `PreferenceExamples` has them */
function withPrompts(
  { isTarget, offsets }: { readonly isTarget: Uint8Array; readonly offsets: Int32Array },
  pairs: Int32Array,
): Uint8Array {
  const all = isTarget.slice();
  for (let pair = 0; 2 * pair < pairs.length; pair++) {
    const text = pairs[2 * pair]!;
    // The first token has none before it that could foretell it.
    all.fill(1, offsets[text]! + 1, offsets[text + 1]!);
  }
  return all;
}

/** Texts of an example: two of a pair, the better one first, and one of an answer. */
export function textsOf({ kind, texts }: PreferenceExamples, example: number): Int32Array {
  return kind === 'pairs' ? texts.subarray(2 * example, 2 * example + 2) : texts.subarray(example, example + 1);
}

/** Texts of some examples, one after the other. */
export function textsOfAll({ kind, texts }: PreferenceExamples, chosen: Int32Array): Int32Array {
  const W = widthOf({ kind });
  return Int32Array.from(
    { length: W * chosen.length },
    (_, index) => texts[W * chosen[Math.floor(index / W)]! + (index % W)]!,
  );
}

/** How many texts an example has. */
export function widthOf({ kind }: Pick<PreferenceExamples, 'kind'>): 1 | 2 {
  return kind === 'pairs' ? 2 : 1;
}

/** Tokens of both answers up to which their tokens count fully: those of the shorter one. */
export function sharedTokens({ examples, answerTokens }: PreferenceTexts, example: number): number {
  return textsOf(examples, example).reduce(
    (least, text) => Math.min(least, answerTokens[text]!),
    Number.POSITIVE_INFINITY,
  );
}
