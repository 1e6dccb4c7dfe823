import type { DataSource } from 'typeorm';
import { findFirstResult, orFirstResult } from '../../access/idempotency.js';
import { checkNewDataset, projectOf } from '../../datasets/preparation/dataset-versions.js';
import { preparationTarget } from '../../datasets/preparation/preparation-target.js';
import type { PreparationRequest, Preparations } from '../../datasets/preparation/preparations.js';
import { rowId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import type { SampleRules } from '../../protocol/samples/samples-reading.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore } from '../../storage/artifact-store.js';
import { scoredSamplesByIds } from '../scored-samples.reads.js';
import { columnsOfSamples, groupColumn } from './rows-of-prompt.js';
import type { CreateDatasetFromSamplesInput } from './sample-dataset.input.js';
import { haveConversations, writeSampleRows } from './write-sample-rows.js';

/** Dataset versions of scored samples. */
export interface SampleDatasetService {
  /**
   * Queues the making of a version; returns the id of the preparation.
   * @throws ProblemsError for what the client can correct; NO_ROWS_LEFT where nothing remains under the rules
   */
  create(input: CreateDatasetFromSamplesInput): Promise<string>;
}

export function createSampleDatasetService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly store: ArtifactStore;
  readonly preparations: Pick<Preparations, 'start'>;
}): SampleDatasetService {
  const { dataSource, query, store, preparations } = options;
  return {
    async create({ idempotencyKey, ...input }) {
      const id = rowId('ScoredSamples', input.samplesId, ['samplesId']);
      const [samples] = await scoredSamplesByIds(query, [id]);
      if (samples === undefined) {
        throw new ProblemsError([problem(['samplesId'], 'NOT_FOUND', 'There are no samples with this id.')]);
      }
      const { projectId, status } = samples;
      const idempotent = { projectId, operation: 'createDatasetFromSamples', key: idempotencyKey ?? null, input };
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      if (status !== 'SUCCEEDED') {
        const message = `The batch of samples has not succeeded: ${status}.`;
        throw new ProblemsError([problem(['samplesId'], 'CONFLICT', message)]);
      }
      const rules: SampleRules = {
        rows: input.rows,
        leastReward: input.leastReward ?? null,
        leastMargin: input.leastMargin,
        withCut: input.withCut,
      };
      const wrong = checkRules(rules);
      if (wrong.length > 0) throw new ProblemsError(wrong);
      const target = preparationTarget(input);
      const columns = columnsOfSamples(rules, await haveConversations(query, id));
      const request: PreparationRequest = {
        idempotent,
        target,
        sources: [{ kind: 'samples', write: () => writeSampleRows({ dataSource, store }, id, rules) }],
        recipe: [],
        split: { ...usualSplit, fractions: [...input.fractions], seed: input.seed, keepTogether: [groupColumn] },
        textNames: null,
        roles: columns.map(({ name, role }) => ({ column: name, role })),
        async check() {
          if (target.kind === 'newDataset') {
            await checkNewDataset(query, projectId, target.name, target.description);
          } else if ((await projectOf(query, target.datasetId)) !== projectId) {
            const message = 'The project has no dataset with this id.';
            throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', message)]);
          }
        },
      };
      return orFirstResult(query, idempotent, () => preparations.start(request));
    },
  };
}

function checkRules({ rows, leastReward, leastMargin }: SampleRules): InputProblem[] {
  return [
    ...(leastMargin >= 0 ? [] : [problem(['leastMargin'], 'INVALID_VALUE', 'The least margin is 0 or more.')]),
    ...(rows !== 'pairs' && leastMargin > 0
      ? [problem(['leastMargin'], 'INVALID_VALUE', 'Only pairs have a margin.', 'Leave it out, or take PAIRS.')]
      : []),
    ...(rows === 'all' && leastReward !== null
      ? [problem(['leastReward'], 'INVALID_VALUE', 'Of ALL, every scored sample is a row.', 'Leave it out.')]
      : []),
  ];
}
