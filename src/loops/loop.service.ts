import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import { actorId, markRepeated } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { pathsOfNulls } from '../experiments/clone.js';
import { globalId, rowId } from '../graphql/global-id.js';
import { checkName } from '../organizing/names-and-tags.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { projectsByIds } from '../projects/project.reads.js';
import { requireProject } from '../projects/require-project.js';
import type { Query } from '../protocol/sql/query.js';
import { checkDescription, checkLoop, inRange, type LoopChecks, type LoopFrame } from './check-loop.js';
import { endWork, forgetWork } from './end-work.js';
import type { CreateFeedbackLoopInput, RetryFeedbackLoopInput, UpdateFeedbackLoopInput } from './loop.input.js';
import { type LoopSettings, LoopStep, loopLimits } from './loop.js';
import { type LoopRow, lockLoop, loopsByIds, type RoundRow, roundsOfLoops } from './loop.reads.js';
import { appendLoopEvents, changeLoopStatus } from './loop-log.js';
import { toLoopSettings } from './loop-settings.js';
import { holdNamed, isSameVersion, type NamedByLoop } from './named-by-loop.js';
import { type ChangedSettings, changedSettings, checkSameQuestion } from './next-settings.js';
import { beginRound } from './steps/decide.js';
import { set, viewerOfLoop } from './steps/step.js';
import { takeNextSettings } from './take-next-settings.js';

/** Feedback loops, as the graph's mutations use them. All methods throw ProblemsError, and return the loop's row id. */
export interface LoopService {
  create(input: CreateFeedbackLoopInput): Promise<string>;
  update(input: UpdateFeedbackLoopInput): Promise<string>;
  /** Takes no more steps. What a step began goes on, and people may go on answering. */
  pause(loopId: string): Promise<string>;
  resume(loopId: string): Promise<string>;
  /** Goes on with a loop that failed, from the step that did, or from one before it. */
  retry(input: RetryFeedbackLoopInput): Promise<string>;
  /** Ends it for good, and what its present step began. */
  end(loopId: string): Promise<string>;
}

export function createLoopService(options: LoopChecks & { readonly dataSource: DataSource }): LoopService {
  const { dataSource, ...checks } = options;
  const { query } = checks;

  const change = (loopId: string, work: (write: Query, loop: LoopRow) => Promise<void>) =>
    inTransaction(dataSource, async (transaction) => {
      const id = rowId('FeedbackLoop', loopId, ['loopId']);
      const loop = await lockLoop(transaction.query, id);
      if (loop === null) throw notThere;
      await work(transaction.query, loop);
      return id;
    });

  /**
   * Checks a loop as it will be, as when it is created.
   * @returns what it names then; null: of its settings nothing changes
   */
  async function checkChange(
    loop: LoopRow,
    input: UpdateFeedbackLoopInput,
    changed: ChangedSettings & { readonly frame: LoopFrame },
  ): Promise<NamedByLoop | null> {
    const { settings, next, frame } = changed;
    const { loopId: _, name: __, description: ___, ...ofSettings } = input;
    if (Object.values(ofSettings).every((each) => each == null)) {
      const problems = [...checkName(frame.name), ...checkDescription(frame.description)];
      if (problems.length > 0) throw new ProblemsError(problems);
      return null;
    }
    const [project] = await projectsByIds(query, [loop.projectId]);
    if (project === undefined) throw notThere;
    const wrong = checkSameQuestion(settings, next?.ask);
    if (wrong.length > 0) throw new ProblemsError(wrong);
    const check = async (of: LoopSettings, rounds: number): Promise<NamedByLoop> =>
      (await checkLoop(checks, project, { ...frame, rounds }, of)).named;
    if (next === null) return check(settings, frame.rounds);
    const { ask = settings.ask } = next;
    const isSamePool =
      isSameVersion(ask.datasetVersionId, settings.ask.datasetVersionId) && ask.split === settings.ask.split;
    // Of another pool no row was asked about, and the former one is left after this round.
    const now = await check(settings, isSamePool ? frame.rounds : loop.round);
    const then = await check(
      { ...settings, ...next },
      isSamePool ? frame.rounds : Math.max(1, frame.rounds - loop.round),
    );
    return {
      versionIds: [...new Set([...now.versionIds, ...then.versionIds])],
      modelIds: [...new Set([...now.modelIds, ...then.modelIds])],
    };
  }

  return {
    async create(input) {
      const project = await requireProject(query, input.projectSlug);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: project.id,
        operation: 'createFeedbackLoop',
        key: idempotencyKey ?? null,
        // Of hyperparameters null is a value, but a digest ignores it.
        input: { ...asked, nulls: pathsOfNulls(input.training.hyperparameters ?? {}) },
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const settings = toLoopSettings(input);
      const { baseModelId, startModelId, named } = await checkLoop(checks, project, input, settings);
      return inTransaction(dataSource, async ({ query: write }) => {
        const id = randomUUID();
        const claimed = await claimKey(write, request, id);
        if (claimed !== id) return claimed;
        await holdNamed(write, named);
        await write(
          `INSERT INTO feedback_loops (id, project_id, name, description, settings, rounds, status, base_model_id,
             start_model_id, current_model_id, version_ids, acts_for, created_by, model_ids)
           VALUES ($1, $2, $3, $4, $5, $6, 'RUNNING', $7, $8, $8, $9, $10, $10, $11)`,
          [
            id,
            project.id,
            input.name.trim(),
            input.description,
            JSON.stringify(settings),
            input.rounds,
            baseModelId,
            startModelId,
            named.versionIds,
            actorId(),
            named.modelIds,
          ],
        );
        await appendLoopEvents(write, id, [
          { kind: 'statusChanged', from: null, to: 'RUNNING', endReason: null, problem: null },
        ]);
        await beginRound(write, id, 1);
        return id;
      });
    },

    async update(input) {
      const id = rowId('FeedbackLoop', input.loopId, ['loopId']);
      const [known] = await loopsByIds(query, [id]);
      if (known === undefined) throw notThere;
      if (known.status === 'ENDED') throw hasEnded;
      const { settings, next } = changedSettings(known, input);
      const named = await checkChange(known, input, { settings, next, frame: changedFrame(known, input) });
      return change(input.loopId, async (write, loop) => {
        if (loop.status === 'ENDED') throw hasEnded;
        const isSame =
          isDeepStrictEqual(loop.settings, known.settings) && isDeepStrictEqual(loop.nextSettings, known.nextSettings);
        if (named !== null && !isSame) throw changedMeanwhile;
        const wrong = input.rounds == null ? [] : inRange(['rounds'], input.rounds, loop.round, loopLimits.maxRounds);
        if (wrong.length > 0) throw new ProblemsError(wrong);
        if (named !== null) await holdNamed(write, named);
        await set(write, 'feedback_loops', id, {
          name: input.name?.trim() ?? loop.name,
          description: input.description ?? loop.description,
          rounds: input.rounds ?? loop.rounds,
          ...(named !== null && {
            settings: JSON.stringify(settings),
            next_settings: next === null ? null : JSON.stringify(next),
            version_ids: named.versionIds,
            model_ids: named.modelIds,
          }),
        });
      });
    },

    pause: (loopId) =>
      change(loopId, async (write, loop) => {
        if (loop.status === 'PAUSED') return markRepeated();
        if (!(await changeLoopStatus(write, loop, 'PAUSED', {}))) throw cannot(loop, 'paused');
      }),

    resume: (loopId) =>
      change(loopId, async (write, loop) => {
        if (loop.status === 'RUNNING') return markRepeated();
        if (loop.status !== 'PAUSED') throw cannot(loop, 'resumed');
        await actFor(write, loop);
        await changeLoopStatus(write, loop, 'RUNNING', {});
      }),

    retry: ({ loopId, from }) =>
      change(loopId, async (write, loop) => {
        if (loop.status === 'RUNNING') {
          // Nobody can take its next step: it goes on as it would after that has failed.
          if ((await viewerOfLoop(write, loop)) === null) await actFor(write, loop);
          return markRepeated();
        }
        if (loop.status !== 'FAILED') throw cannot(loop, 'tried again');
        const round = await presentRound(write, loop);
        const step = from ?? round.step;
        const steps = LoopStep.options;
        if (steps.indexOf(step) > steps.indexOf(round.step)) {
          const message = `The round has not come to ${step}: it failed in ${round.step}.`;
          throw new ProblemsError([problem(['from'], 'INVALID_VALUE', message)]);
        }
        if (step === 'MEASURING') await takeNextSettings(write, loop.id);
        await forgetWork(write, loop, round, step);
        const attempt = step === round.step ? round.attempt + 1 : 1;
        await set(write, 'feedback_loop_rounds', round.id, { step, attempt });
        await actFor(write, loop);
        await changeLoopStatus(write, loop, 'RUNNING', {});
        await appendLoopEvents(write, loop.id, [{ kind: 'stepBegan', round: round.number, step, attempt }]);
      }),

    end: (loopId) =>
      change(loopId, async (write, loop) => {
        if (loop.status === 'ENDED') return markRepeated();
        const round = await presentRound(write, loop);
        await endWork(write, loop, round);
        if (round.outcome === null) {
          await write(`UPDATE feedback_loop_rounds SET outcome = 'ABANDONED', ended_at = now() WHERE id = $1`, [
            round.id,
          ]);
          await appendLoopEvents(write, loop.id, [
            { kind: 'roundEnded', round: round.number, outcome: 'ABANDONED', verdict: null },
          ]);
        }
        await changeLoopStatus(write, loop, 'ENDED', { endReason: 'BY_REQUEST' });
      }),
  };
}

/** From now on the loop's steps are taken on behalf of who called. */
async function actFor(write: Query, loop: LoopRow): Promise<void> {
  await write('UPDATE feedback_loops SET acts_for = coalesce($2, acts_for) WHERE id = $1', [loop.id, actorId()]);
}

async function presentRound(query: Query, loop: LoopRow): Promise<RoundRow> {
  const rounds = await roundsOfLoops(query, [loop.id]);
  return rounds.find(({ number }) => number === loop.round)!;
}

function changedFrame(loop: LoopRow, { name, description, rounds }: UpdateFeedbackLoopInput): LoopFrame {
  const model = (id: string | null) => (id === null ? null : globalId('BaseModel', id));
  return {
    name: name ?? loop.name,
    description: description ?? loop.description,
    rounds: rounds ?? loop.rounds,
    baseModelId: model(loop.baseModelId) ?? '',
    startModelId: model(loop.startModelId),
  };
}

function cannot({ status }: LoopRow, did: string): ProblemsError {
  return new ProblemsError([problem(['loopId'], 'CONFLICT', `The loop is ${status}, and can not be ${did}.`)]);
}

const notThere = new ProblemsError([problem(['loopId'], 'NOT_FOUND', 'There is no feedback loop with this id.')]);
const hasEnded = new ProblemsError([
  problem(['loopId'], 'CONFLICT', 'The loop has ended, for good.', 'Create another loop.'),
]);
const changedMeanwhile = new ProblemsError([
  problem(['loopId'], 'CONFLICT', 'Somebody else changed the loop at this moment.', 'Read it, and try again.'),
]);
