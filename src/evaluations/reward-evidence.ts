import type { BaseModelRow } from '../models/base-model.reads.js';
import { specOfModel } from '../models/spec-of-model.js';
import type { RewardScores } from '../protocol/evaluation-scores.js';
import type { Finding } from '../protocol/findings.js';
import { type RewardEvidence, rewardHeadOf, steers } from '../protocol/heads.js';
import { type PreferenceForm, requiredPreferenceColumns } from '../protocol/preference-form.js';
import type { Query } from '../protocol/sql/query.js';
import type { StoredScores } from './scores.js';

/** How often a reward model is right on pairs that it did not learn, and the evaluation that says so. */
export interface KnownEvidence {
  readonly evidence: RewardEvidence | null;
  /** Row id; null: the training measured it. */
  readonly evaluationId: string | null;
}

/**
 * What is known of a reward model: what its training measured, where that shows it to be above chance; else what the
 * evaluation with the most pairs says, if these are more. The largest one counts and not the best one, so that trying
 * small ones over and over proves nothing.
 *
 * An evaluation counts where none of its rows is among those that the model learnt, by the texts of all columns. Of a
 * model from elsewhere nobody knows these rows.
 */
export async function evidenceOfModel(
  query: Query,
  model: Pick<BaseModelRow, 'id' | 'manifest'>,
): Promise<KnownEvidence> {
  const evidence = rewardHeadOf(model.manifest)?.evidence ?? null;
  const ofTraining = { evidence, evaluationId: null };
  if (steers({ evidence })) return ofTraining;
  const measured = await apart(query, model.id);
  const [first] = measured.sort((a, b) => b.evidence.pairs - a.evidence.pairs);
  return first === undefined || first.evidence.pairs < (evidence?.pairs ?? 0) ? ofTraining : first;
}

/** The evaluations on rows that the model did not learn, the newest first. */
async function apart(query: Query, modelId: string) {
  const rows = await query<{
    id: string;
    scores: readonly StoredScores[];
    findings: readonly Finding[];
    preference: PreferenceForm;
  }>(
    `SELECT id, scores, findings, preference FROM evaluations
     WHERE base_model_id = $1 AND status = 'SUCCEEDED' AND preference IS NOT NULL AND preference_reading IS NULL
     ORDER BY created_at DESC, id DESC`,
    [modelId],
  );
  if (rows.length === 0) return [];
  const spec = await specOfModel(query, modelId);
  const learnt = spec?.method === 'rewardModelling' ? formOf(spec.preference) : null;
  return rows.flatMap(({ id, scores, findings, preference }) => {
    const rewards = scores.find((each): each is RewardScores => 'kind' in each && each.kind === 'reward');
    if (rewards === undefined || findings.some(({ code }) => code === 'DUPLICATES_ACROSS_SPLITS')) return [];
    // Rows of another form can not be compared with those that were learnt.
    if (learnt !== null && formOf(preference) !== learnt) return [];
    const { exampleCount: pairs, right, interval } = rewards;
    return [{ evidence: { pairs, right, ...interval }, evaluationId: id }];
  });
}

function formOf(preference: PreferenceForm): string {
  return `${preference.kind} ${requiredPreferenceColumns(preference).length}`;
}
