import { isEmptyText } from '../../src/protocol/batch-prediction.js';
import type { TextPrediction } from '../../src/protocol/job.js';
import { promptText } from '../../src/protocol/rewards/prompt-text.js';
import type { RewardSource } from '../../src/protocol/rewards/reward-spec.js';
import { predict } from '../forward/predict.js';
import { openModel } from '../forward/ready-model.js';
import { ProblemError } from '../problem-error.js';
import type { OpenSource, RewardTools } from './open-source.js';

/** Completions that are predicted for at a time. */
const atATime = 256;

/**
 * The probability that a head gives a label. Nothing is predicted of an empty text: a completion without text is left
 * unscored, and in one to a prompt without text, where the model reads both, the source takes no part.
 *
 * @throws ProblemError UNKNOWN_TASK, UNKNOWN_LABEL, and those of the model
 */
export async function openLabelReward(
  { modelDigest, task, label, withPrompt }: RewardSource & { readonly kind: 'label' },
  { engine, store, beat }: RewardTools,
): Promise<OpenSource> {
  const model = await openModel(engine, store, modelDigest);
  const head = model.manifest.heads.find((each) => each.task === task);
  if (head === undefined || (head.kind !== 'classification' && head.kind !== 'multiLabel')) {
    await model.release();
    throw lacks('task', 'UNKNOWN_TASK', `the model has no head of labels “${task}”`);
  }
  if (!head.labels.includes(label)) {
    await model.release();
    throw lacks('label', 'UNKNOWN_LABEL', `the head “${task}” has no label “${label}”`);
  }
  return {
    async score(completions) {
      const values = new Float64Array(completions.length).fill(Number.NaN);
      const asked = completions.flatMap(({ text, prompt }, place) => {
        const before = withPrompt ? promptText(prompt) : null;
        return isEmptyText(text) || (before !== null && isEmptyText(before)) ? [] : [{ place, text, before }];
      });
      for (let start = 0; start < asked.length; start += atATime) {
        const some = asked.slice(start, start + atATime);
        const texts = some.map(({ text, before }) => before ?? text);
        const pairs = withPrompt ? some.map(({ text }) => text) : null;
        const predictions = await predict(model, { texts, pairs }, beat);
        for (const [i, { place }] of some.entries()) values[place] = probabilityOf(predictions[i]!, task, label);
      }
      return values;
    },
    leavesUnscored: ({ text }) => isEmptyText(text),
    release: () => model.release(),
  };
}

function probabilityOf({ tasks }: TextPrediction, task: string, label: string): number {
  const said = tasks.find((each) => each.task === task)!;
  if (said.kind !== 'classification' && said.kind !== 'multiLabel') return Number.NaN;
  return said.labels.find((each) => each.label === label)!.probability;
}

function lacks(field: string, code: 'UNKNOWN_TASK' | 'UNKNOWN_LABEL', message: string): ProblemError {
  return new ProblemError({ path: [field], code, message, hint: null });
}
