import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { departure } from '../database/operation-scope.js';
import { inTransaction } from '../database/transaction.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { ProblemsError } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import { cancelGeneration, requestGenerationCancel } from './cancel-generation.js';
import { checkGeneration, type GenerationRequest, toPrompt } from './check-generation.js';
import type { GenerateInput } from './generation.input.js';
import type { StoredGenerationEvent } from './generation.reads.js';
import type { GenerationEvents } from './generation-events.js';
import { generationLimits } from './generation-limits.js';
import { noWorker, requireNextTokens, requirePlace, toInputProblem, tookTooLong } from './generation-problems.js';
import { settingsOf } from './generation-settings.js';
import { firstListenerSeconds, type Listeners, whileListening } from './listeners.js';
import { planRerank } from './plan-rerank.js';

/** Generations, as the graph and the other ways to them use them. */
export interface GenerationService {
  /**
   * Queues a generation, and waits for its end where the input says so. Returns its id. Throws ProblemsError, also of
   * WORKER_UNAVAILABLE and TIMEOUT, and of the problem of a generation that was waited for and failed.
   */
  generate(input: GenerateInput): Promise<string>;
  /** Queues a generation of a model that was found already. Throws ProblemsError. */
  queue(model: BaseModelRow, request: GenerationRequest, options: QueueOptions): Promise<string>;
  /** Its events from the first one; somebody listens while they are consumed. */
  follow(id: string, signal: AbortSignal): AsyncGenerator<StoredGenerationEvent, void, undefined>;
  /** Throws ProblemsError NOT_FOUND and CONFLICT. */
  cancel(id: string): Promise<void>;
  /** Cancels it if it goes on. */
  drop(id: string): Promise<void>;
}

interface QueueOptions {
  readonly keepWithoutListeners: boolean;
  /** Null: every call creates. */
  readonly idempotent: IdempotentRequest | null;
}

export function createGenerationService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly events: Pick<GenerationEvents, 'subscribe'>;
  readonly listeners: Pick<Listeners, 'listen'>;
  readonly rewardAccess: RewardAccess;
}): GenerationService {
  const { dataSource, query, workers, events, listeners, rewardAccess } = options;

  const service: GenerationService = {
    async generate(input) {
      const model = await requireNamedModel(query, input);
      // The project is filled in where an alias was not asked for: it is no part of what the client said.
      const { idempotencyKey, projectSlug: _, wait, ...asked } = input;
      const key = idempotencyKey ?? null;
      const id = await service.queue(model, asked, {
        keepWithoutListeners: input.keepWithoutListeners,
        idempotent: { projectId: model.projectId, operation: 'generate', key, input: asked },
      });
      if (wait) await waitForEnd(id);
      return id;
    },

    async queue(model, request, { keepWithoutListeners, idempotent }) {
      const first = idempotent === null ? null : await findFirstResult(query, idempotent);
      if (first !== null) return first;
      checkGeneration(request);
      requireNextTokens(model);
      if (!(await workers.anyOnline())) throw new ProblemsError([noWorker]);
      await requirePlace(query, model.projectId);
      const prompts = request.prompts.map(toPrompt);
      const rerank = await planRerank(rewardAccess, model.projectId, request);
      const settings = { ...settingsOf(request), ...(rerank !== null && { rerank }) };
      return inTransaction(dataSource, async (transaction) => {
        const id = randomUUID();
        const claimed = idempotent === null ? id : await claimKey(transaction.query, idempotent, id);
        if (claimed !== id) return claimed;
        await transaction.query(
          `INSERT INTO generations (id, project_id, created_by, base_model_id, prompts, settings, status, listened_until)
           VALUES ($1, $2, $3, $4, $5, $6, 'QUEUED', now() + make_interval(secs => $7))`,
          [
            id,
            model.projectId,
            actorId(),
            model.id,
            JSON.stringify(prompts),
            JSON.stringify(settings),
            keepWithoutListeners ? null : firstListenerSeconds,
          ],
        );
        await enqueueJob(transaction.query, {
          id: randomUUID(),
          projectId: model.projectId,
          payload: { kind: 'generate', generationId: id, modelDigest: model.digest, prompts, settings },
        });
        return id;
      });
    },

    follow: (id, signal) => whileListening(events.subscribe(id, 0, signal), () => listeners.listen(id)),

    cancel: (id) => inTransaction(dataSource, (transaction) => cancelGeneration(transaction.query, id)),

    async drop(id) {
      await inTransaction(dataSource, (transaction) => requestGenerationCancel(transaction.query, id));
    },
  };

  async function waitForEnd(id: string): Promise<void> {
    const gone = departure();
    const timeout = AbortSignal.timeout(generationLimits.maxWaitSeconds * 1000);
    const signal = AbortSignal.any([timeout, ...(gone === null ? [] : [gone])]);
    for await (const { event } of service.follow(id, signal)) {
      if (event.kind !== 'ended') continue;
      if (event.problem !== null) throw new ProblemsError([toInputProblem(event.problem)]);
      return;
    }
    await service.drop(id);
    gone?.throwIfAborted();
    throw new ProblemsError([(await workers.anyOnline()) ? tookTooLong : noWorker]);
  }

  return service;
}
