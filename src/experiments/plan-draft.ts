import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { baseModelsByIds } from '../models/base-model.reads.js';
import { findTruncated } from '../protocol/findings.js';
import { objectiveOf, type RunSpec } from '../protocol/methods/index.js';
import { scoringModelsOf } from '../protocol/models-beside.js';
import type { Query } from '../protocol/sql/query.js';
import { findBasis } from './estimate-basis.js';
import { costOf } from './estimate-cost.js';
import { estimateRows } from './estimate-rows.js';
import { estimateTime } from './estimate-time.js';
import type { ExperimentDraft } from './experiment.input.js';
import type { ExperimentPlan } from './experiment-plan.js';
import type { ExperimentTools } from './experiment-tools.js';
import { explainDefaults } from './explain-defaults.js';
import { judgeData } from './judge-data.js';
import { learnedBy } from './methods/asked-of-method.js';
import { recommendHyperparameters } from './recommend-hyperparameters.js';
import type { ResolvedDraft } from './resolve-draft.js';
import { sampleReading } from './sample-reading.js';

/** What the run of a draft would take, and what shows of its data. Writes nothing. */
export async function planDraft(
  tools: Omit<ExperimentTools, 'rewardAccess'>,
  draft: Pick<ExperimentDraft, 'method' | 'hyperparameters'>,
  resolved: ResolvedDraft,
): Promise<ExperimentPlan> {
  const { query, examples, tokenizers, chatSources, workers } = tools;
  const { spec, baseModel, version, control, reference, ids, facts, chosen, ofLicence } = resolved;
  const { maxLength } = spec.hyperparameters;
  const { manifest } = baseModel;
  const [tokens, judged, basis] = await Promise.all([
    sampleReading(spec, manifest, { examples, tokenizers, chatSources }),
    // Without target facts, resolving has thrown before: there would be no spec.
    judgeData(examples, spec, version, facts!),
    findBasis(workers),
  ]);
  const learns = learnedBy(draft.method);
  const rowsOf = (examples: number) => estimateRows(spec, examples, tokens.counts);
  const cost = costOf(spec, manifest, facts!.counts, rowsOf, {
    reference: ids.referenceModelId === null ? null : (reference?.manifest ?? null),
    scoring: await manifestsOfRewards(query, spec),
  });
  const defaults = explainDefaults(
    draft.hyperparameters,
    manifest,
    spec.hyperparameters,
    cost.trainExamples,
    learns,
    objectiveOf(spec),
  );
  const controlExamples = countOf(control, spec);
  const { sampledExamples: exampleCount, truncatedShare } = tokens.counts;
  const truncatedCount = Math.round(truncatedShare * exampleCount);
  // Documents are divided where they are too long, and lose nothing.
  const lengths =
    learns === 'tokens' ? [] : findTruncated({ split: spec.trainSplit, maxLength }, { exampleCount, truncatedCount });
  return {
    ...cost,
    ...ids,
    baselines: judged.baselines,
    findings: [...ofLicence, ...judged.findings, ...lengths],
    tokens: tokens.counts,
    estimatedTime: estimateTime(spec, manifest, { ...cost, controlExamples, reading: tokens }, basis.speed),
    estimateBasis: basis,
    defaults,
    recommended: recommendHyperparameters(
      spec,
      manifest,
      {
        trainExamples: cost.trainExamples,
        trainRows: estimateRows(spec, cost.trainExamples, tokens.counts),
        lengths: tokens.lengths,
      },
      learns,
    ),
    chosenColumns: chosen,
    example: tokens.example,
    conversations: tokens.conversations,
  };
}

/** The manifests of the models that score what a policy writes, one for each reward. */
async function manifestsOfRewards(query: Query, spec: RunSpec) {
  const models = scoringModelsOf(spec);
  if (models.length === 0) return [];
  const rows = await baseModelsByIds(query, [...new Set(models.map(({ id }) => id))]);
  return models.flatMap(({ id }) => rows.find((row) => row.id === id)?.manifest ?? []);
}

/** Rows of the split of control texts, or the most judged answers that are read; 0 without any. */
function countOf(control: { readonly splits: DatasetVersionRow['splits'] } | null, spec: RunSpec): number {
  const rowsOf = (split: string) => control?.splits.find(({ name }) => name === split)?.exampleCount ?? 0;
  if (spec.method === 'languageModelling' && spec.control !== null) return rowsOf(spec.control.split);
  if (spec.method !== 'policyOptimization' || spec.controlPreferences === null) return 0;
  const { split, pairs, preference } = spec.controlPreferences;
  return Math.min(2 * pairs, (preference.kind === 'pairs' ? 2 : 1) * rowsOf(split));
}
