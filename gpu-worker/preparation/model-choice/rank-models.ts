import type { Candidate, ExcludedModel, TrainingBudget } from '../../../src/protocol/recommendation/candidate.js';
import type { RecommendationReason } from '../../../src/protocol/recommendation/reason.js';
import type { ModelRanking, RecommendedModel } from '../../../src/protocol/recommendation/recommend-job.js';
import { chooseTraining } from './choose-training.js';
import { worth } from './compare-models.js';
import type { MeasuredModel } from './measure-model.js';
import { evidenceReasons } from './reasons.js';

/** A candidate with what was measured of it; or with the reason why nothing could be. */
export type Measured = Candidate & ({ readonly measured: MeasuredModel } | { readonly failure: RecommendationReason });

type Able = Candidate & { readonly measured: MeasuredModel };

/**
 * Puts models into an order: by the scores of their probes, of equal ones by LogME. Models without a training within
 * the budget, and those that could not be measured, are out of the question.
 */
export function rankModels(
  candidates: readonly Measured[],
  excluded: readonly ExcludedModel[],
  budget: TrainingBudget,
): ModelRanking {
  const chosen = candidates.map((candidate) => ({ candidate, choice: chooseTraining(candidate, budget) }));
  const able = chosen.flatMap(({ candidate, choice }) =>
    'measured' in candidate && choice.suggested !== null ? [candidate] : [],
  );
  const order = inOrder(able);
  const models = chosen.map(({ candidate, choice }): RecommendedModel => {
    const { modelId, name, reasons } = candidate;
    const place = order.findIndex((each) => each.modelId === modelId);
    const measured = 'measured' in candidate ? candidate.measured : null;
    return {
      modelId,
      name,
      rank: place === -1 ? null : place + 1,
      evidence: measured?.evidence ?? null,
      trainings: choice.trainings,
      suggested: place === -1 ? null : choice.suggested,
      reasons: [
        ...('failure' in candidate ? [candidate.failure] : []),
        ...(place === -1 || measured === null
          ? []
          : evidenceReasons(
              measured,
              order.map((each) => each.measured),
            )),
        ...choice.reasons,
        ...reasons,
      ],
    };
  });
  const out = excluded.map(
    ({ modelId, name, reasons }): RecommendedModel => ({
      modelId,
      name,
      rank: null,
      evidence: null,
      trainings: [],
      suggested: null,
      reasons,
    }),
  );
  const ofRank = ({ rank }: RecommendedModel) => rank ?? Number.POSITIVE_INFINITY;
  return { models: [...models.sort((a, b) => (ofRank(a) < ofRank(b) ? -1 : 1)), ...out] };
}

function inOrder(able: readonly Able[]): Able[] {
  const logMeOf = ({ measured }: Able) => measured.evidence.probe.logMe ?? Number.NEGATIVE_INFINITY;
  return [...able].sort((a, b) => worth(b.measured) - worth(a.measured) || logMeOf(b) - logMeOf(a));
}
