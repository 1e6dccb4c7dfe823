import type { SamplesSummary, ScoredPrompt, ScoreSamplesJob } from '../../src/protocol/samples/score-samples-job.js';
import { bestOfNCurve, type PromptSamples } from '../../src/statistics/best-of-n/best-of-n-curve.js';

/** Samples of one prompt after the other become the curve of the best of k. */
interface Summary {
  add(prompt: ScoredPrompt): void;
  end(): Omit<SamplesSummary, 'leftOutCount' | 'reason'>;
}

export function createSummary({ rewards, gold, settings }: Pick<ScoreSamplesJob, 'rewards' | 'gold' | 'settings'>) {
  const prompts: PromptSamples[] = [];
  const names = ['tokens', ...(gold === null ? [] : ['gold']), ...rewards.map((_, i) => String(i))];
  let [promptCount, unscoredCount, equalCount, cutCount] = [0, 0, 0, 0];
  return {
    add({ samples }) {
      promptCount++;
      cutCount += samples.filter(({ reason }) => reason === 'length').length;
      if (samples.some(({ reward }) => reward === null)) {
        unscoredCount++;
        return;
      }
      const valuesBy = (of: (sample: (typeof samples)[number]) => number | null) =>
        Float64Array.from(samples, (sample) => of(sample) ?? Number.NaN);
      const scores = valuesBy(({ reward }) => reward);
      if (scores.every((score) => score === scores[0])) equalCount++;
      prompts.push({
        rewards: scores,
        values: {
          tokens: valuesBy(({ tokenCount }) => tokenCount),
          ...(gold === null ? {} : { gold: valuesBy((sample) => sample.gold) }),
          ...Object.fromEntries(rewards.map((_, i) => [String(i), valuesBy(({ bySource }) => bySource[i] ?? null)])),
        },
      });
    },
    end() {
      const points = prompts.length === 0 ? [] : bestOfNCurve(prompts, names, { seed: settings.sampling.seed });
      const curve = points.map(({ k, reward, values, klBound }) => ({
        k,
        reward,
        gold: values.gold ?? null,
        tokens: values.tokens!,
        bySource: rewards.map((_, i) => values[String(i)] ?? null),
        klBound,
      }));
      return { promptCount, unscoredCount, equalCount, cutCount, curve };
    },
  } satisfies Summary;
}
