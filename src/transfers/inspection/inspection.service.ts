import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { cancellation } from '../../database/operation-scope.js';
import { inTransaction } from '../../database/transaction.js';
import type { JobResults } from '../../events/job-results.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { checkLicence } from '../../models/licences/check-licence.js';
import { isProblemCode, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { licencePolicyOf } from '../../projects/licences/licence-policy.reads.js';
import { requireProject } from '../../projects/require-project.js';
import { saysNothing } from '../../protocol/licences/hub-names.js';
import { judgeLicence, type LicenceVerdict, stricter } from '../../protocol/licences/judge-licence.js';
import type { ModelInspection } from '../../protocol/model-inspection.js';
import type { ModelSource } from '../../protocol/model-source.js';
import type { Problem } from '../../protocol/run-event.js';
import { bytesLeft, storageUse } from '../../protocol/sql/project-quota.js';
import type { Query } from '../../protocol/sql/query.js';
import type { WorkerReads } from '../../workers/worker.reads.js';
import { checkAdapterBase, requireAdapterBase } from '../adapter-base.js';
import { checkRewardModel } from '../check-reward-model.js';
import { inputPath } from '../input-path.js';
import { resolveSource } from '../resolve-source.js';
import type { InspectBaseModelInput } from './inspect.input.js';

/** What was found of a model, and what the project says to it. */
interface InspectedBaseModel {
  readonly inspection: ModelInspection;
  /** With paths into the input. */
  readonly problems: readonly Problem[];
  readonly licence: string;
  readonly verdict: LicenceVerdict;
}

export interface InspectionService {
  /**
   * Looks into a model, by a job that it waits for. Throws ProblemsError: the problems of the input and of a source
   * that can't be read, WORKER_UNAVAILABLE, TIMEOUT.
   */
  inspect(input: InspectBaseModelInput): Promise<InspectedBaseModel>;
}

export function createInspectionService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly jobResults: Pick<JobResults, 'wait'>;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly timeoutMs: number;
}): InspectionService {
  const { dataSource, query, jobResults, workers, timeoutMs } = options;

  async function sourceOf(input: InspectBaseModelInput, projectId: string, licence: string | null) {
    const { source, problems } = await resolveSource(query, projectId, input.source);
    const wrong = [
      ...problems,
      ...checkLicence(licence, ['licence']),
      ...checkAdapterBase(input.source, input.adapterBaseModelId),
      ...checkRewardModel(input.source, input.isRewardModel),
    ];
    if (source === null || wrong.length > 0) throw new ProblemsError(wrong);
    return source;
  }

  async function resultOf(id: string, source: ModelSource): Promise<ModelInspection> {
    const signal = cancellation();
    const settled = await jobResults.wait(id, timeoutMs, signal ?? undefined);
    if (settled === null) {
      await query(`UPDATE jobs SET state = 'canceled', settled_at = now() WHERE id = $1 AND state = 'queued'`, [id]);
      signal?.throwIfAborted();
      throw new ProblemsError([tookTooLong]);
    }
    if (settled.state === 'succeeded' && settled.result.kind === 'inspect') return settled.result.inspection;
    if (settled.state !== 'failed') throw new Error(`Inspection ${id} ended as ${settled.state}.`);
    const { path, code, message, hint } = settled.problem;
    throw new ProblemsError([
      problem(inputPath(path, source.kind), isProblemCode(code) ? code : 'JOB_FAILED', message, hint),
    ]);
  }

  return {
    async inspect(input) {
      const project = await requireProject(query, input.projectSlug);
      const requested = saysNothing(input.licence ?? '') ? null : input.licence!.trim();
      const { adapterBaseModelId } = input;
      const [source, base] = await together([
        sourceOf(input, project.id, requested),
        adapterBaseModelId == null ? Promise.resolve(null) : requireAdapterBase(query, adapterBaseModelId, project.id),
      ]);
      if (!(await workers.anyOnline())) throw new ProblemsError([noWorker]);
      const [licencePolicy, use] = await Promise.all([
        licencePolicyOf(query, project.id),
        storageUse(query, project.id),
      ]);
      const id = randomUUID();
      await inTransaction(dataSource, (transaction) =>
        enqueueJob(transaction.query, {
          id,
          projectId: project.id,
          payload: {
            kind: 'inspect',
            source,
            licence: requested,
            licencePolicy,
            adapterBaseDigest: base?.digest ?? null,
            ...(input.isRewardModel === true ? { isRewardModel: true } : {}),
            storageLeftBytes: use === null ? null : bytesLeft(use),
            timeoutMs,
          },
        }),
      );
      const inspection = await resultOf(id, source);
      // An adapter has the licence of its base model, as somebody may have set it.
      const found = base === null ? inspection.licence : base.licence;
      const licence = requested ?? found ?? 'unknown';
      const ofLicence = judgeLicence(licence, licencePolicy);
      return {
        inspection,
        problems: inspection.problems.map((one) => ({ ...one, path: inputPath(one.path, source.kind) })),
        licence,
        verdict: found === null ? ofLicence : stricter(ofLicence, judgeLicence(found, licencePolicy)),
      };
    },
  };
}

const noWorker = problem(
  [],
  'WORKER_UNAVAILABLE',
  'No worker is connected that could look into the model.',
  'Start a worker with `npm run worker`, or wait until one is back; see `serverInfo { workers { status } }`.',
);

const tookTooLong = problem(
  [],
  'TIMEOUT',
  'The model was not looked into in time.',
  'Try again, or import the model, which may take any time.',
);
