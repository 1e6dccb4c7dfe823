import type { z } from 'zod';
import type { MetricSample, TextsGenerated } from '../../src/protocol/run-event.js';
import { storableText } from '../../src/protocol/storable-text.js';
import { metricSample } from '../metrics/metric-samples.js';
import type { JobContext } from '../thread-port.js';
import type { Update } from './training-plan.js';

/** Progress is for people: more often than this nobody sees it. */
const progressIntervalMs = 250;

/** Factor by which each update shrinks the weight of those before it in the rate: about the last ten count. */
const momentum = 0.9;

/** Tells the run's followers what training does. */
export interface Reporter {
  log(level: 'INFO' | 'WARNING', message: string): Promise<void>;
  /** How far a frozen encoder is in reading each text once. */
  encoded(done: number, total: number): Promise<void>;
  /**
   * One update's metrics, with its rates.
   * @param seconds it took, compilation left out
   * @param tokens that were learned; their rate is told where they are given
   */
  update(update: Update, seconds: number, samples: readonly MetricSample[], tokens?: number): Promise<void>;
  /** Sets the run's status to EVALUATING at the first call; later calls do nothing. */
  evaluating(): void;
  /** Metrics of an evaluation after `step` updates. */
  validation(step: number, epoch: number, samples: readonly MetricSample[]): Promise<void>;
  /** What a language model writes after `step` updates. */
  generated(step: number, epoch: number, texts: z.infer<typeof TextsGenerated>['texts']): Promise<void>;
}

/** @param clock milliseconds from any fixed point */
export function createReporter(context: JobContext, totalSteps: number, clock: () => number): Reporter {
  let lastProgressAt = Number.NEGATIVE_INFINITY;
  let recentExamples = 0;
  let recentTokens = 0;
  let recentUpdates = 0;
  let recentSeconds = 0;
  let isEvaluating = false;

  const startedAt = clock();

  return {
    log: (level, message) => context.events([{ kind: 'logLine', level, message }]),

    async encoded(done, total) {
      const now = clock();
      if (now - lastProgressAt < progressIntervalMs && done < total) return;
      lastProgressAt = now;
      const examplesPerSecond = done / Math.max(1e-3, (now - startedAt) / 1000);
      const etaSeconds = (total - done) / examplesPerSecond;
      await context.events([{ kind: 'progressMade', step: 0, totalSteps, epoch: 0, examplesPerSecond, etaSeconds }]);
    },

    async update(update, seconds, samples, tokens) {
      recentExamples = momentum * recentExamples + update.exampleCount;
      recentTokens = momentum * recentTokens + (tokens ?? 0);
      recentUpdates = momentum * recentUpdates + 1;
      recentSeconds = momentum * recentSeconds + seconds;
      const examplesPerSecond = recentExamples / recentSeconds;
      const rate = Number.isFinite(examplesPerSecond) ? examplesPerSecond : null;
      const rates = [
        ...(rate === null ? [] : [metricSample('train/examplesPerSecond', rate)]),
        ...(rate === null || tokens === undefined
          ? []
          : [metricSample('train/tokensPerSecond', recentTokens / recentSeconds)]),
      ];
      const { step, epochsSeen: epoch } = update;
      await context.events([
        {
          kind: 'metricsRecorded',
          step,
          epoch,
          samples: [...samples, ...rates],
        },
      ]);
      const now = clock();
      if (now - lastProgressAt < progressIntervalMs && step < totalSteps) return;
      lastProgressAt = now;
      const etaSeconds = ((totalSteps - step) * recentSeconds) / recentUpdates;
      await context.events([{ kind: 'progressMade', step, totalSteps, epoch, examplesPerSecond: rate, etaSeconds }]);
    },

    evaluating() {
      if (!isEvaluating) context.status('EVALUATING');
      isEvaluating = true;
    },

    validation: (step, epoch, samples) =>
      context.events([{ kind: 'metricsRecorded', step, epoch, samples: [...samples] }]),
    generated(step, epoch, texts) {
      const stored = texts.map(({ prompt, text, expected, ...rest }) => ({
        ...rest,
        prompt: storableText(prompt),
        text: storableText(text),
        expected: storableText(expected),
      }));
      return context.events([{ kind: 'textsGenerated', step, epoch, texts: stored }]);
    },
  };
}
