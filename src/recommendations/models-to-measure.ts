import type { PlannedModel } from '../experiments/plan-trainings.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { type InputProblem, ProblemsError } from '../problems/problem.js';
import type { LicenceVerdict } from '../protocol/licences/judge-licence.js';
import type { Candidate, ExcludedModel } from '../protocol/recommendation/candidate.js';
import type { RecommendationReason } from '../protocol/recommendation/reason.js';

/** A model with what the project's policy says of its licence, and whether it knows rows of the dataset. */
export interface KnownModel {
  readonly model: BaseModelRow;
  readonly verdict: LicenceVerdict;
  readonly isLearntFromDataset: boolean;
}

/**
 * Tokens of the examples that a model is probed with, and how many examples: MiniLM, of 22 million parameters, reads
 * so many tokens in ten seconds of processor time. All models get the same examples, since more would raise a score.
 */
const probed = { tokens: 40_000, least: 300, most: 2000 } as const;

/** Divides models into those that are measured and those that are out of the question before that. */
export function divideModels(
  known: readonly KnownModel[],
  planned: readonly PlannedModel[],
): { readonly candidates: Candidate[]; readonly excluded: ExcludedModel[] } {
  const candidates: Candidate[] = [];
  const excluded: ExcludedModel[] = [];
  const problems: (readonly InputProblem[])[] = [];
  for (const each of known) {
    const { id: modelId, name } = each.model;
    const plan = planned.find(({ model }) => model.id === modelId);
    // A model whose licence is denied is not planned.
    if (plan === undefined) excluded.push({ modelId, name, reasons: knownReasons(each) });
    else if ('problems' in plan) {
      problems.push(plan.problems);
      excluded.push({ modelId, name, reasons: plan.problems.map(notSupported) });
    } else {
      const { spec, trainings, trainExamples } = plan;
      candidates.push({ modelId, name, spec, trainings: [...trainings], trainExamples, reasons: knownReasons(each) });
    }
  }
  if (candidates.length === 0) refuseCommon(problems);
  return { candidates, excluded };
}

/** How many examples are as many tokens as a probe reads. */
export function examplesToProbe(planned: readonly PlannedModel[]): number {
  const longest = planned.reduce(
    (most, each) => ('tokens' in each ? Math.max(most, each.tokens.meanAfterTruncation) : most),
    1,
  );
  return Math.min(probed.most, Math.max(probed.least, Math.round(probed.tokens / longest)));
}

/** What all models have as a problem is the input's. Throws ProblemsError. */
function refuseCommon([first = [], ...others]: readonly (readonly InputProblem[])[]): void {
  const common = first.filter((one) => others.every((all) => all.some((other) => isSame(one, other))));
  if (common.length > 0) throw new ProblemsError(common);
}

function isSame(a: InputProblem, b: InputProblem): boolean {
  return a.code === b.code && a.message === b.message && a.path.join('.') === b.path.join('.');
}

function notSupported({ message, hint }: InputProblem): RecommendationReason {
  return { code: 'TASK_NOT_SUPPORTED', weight: 'EXCLUDES', message: hint == null ? message : `${message} ${hint}` };
}

function knownReasons({ verdict: { decision, reason }, isLearntFromDataset }: KnownModel): RecommendationReason[] {
  const reasons: RecommendationReason[] = [];
  if (decision === 'DENY') reasons.push({ code: 'LICENCE_DENIED', weight: 'EXCLUDES', message: reason });
  if (decision === 'WARN') reasons.push({ code: 'LICENCE_WARNED', weight: 'AGAINST', message: reason });
  if (isLearntFromDataset) {
    const message = 'It was trained on a version of this dataset, so that its score may come from rows that it knows.';
    reasons.push({ code: 'LEARNT_FROM_DATASET', weight: 'AGAINST', message });
  }
  return reasons;
}
