import { randomUUID } from 'node:crypto';
import { RunStopped } from '../run-stopped.js';
import { beatOrCancel } from '../stop-wishes.js';
import { noValidation } from './early-stopping.js';
import { describePassedOver, line, restoreNewest } from './restore-newest.js';
import {
  type CheckpointedParameters,
  restoreCheckpoint,
  saveCheckpoint,
  type TrainingState,
} from './training-checkpoint.js';
import type { TrainingPlan, Update } from './training-plan.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';
import { whenThereIsSpace } from './when-there-is-space.js';

interface Start {
  readonly state: TrainingState;
  /** Whether a newer checkpoint was passed over because its files are damaged or missing. */
  readonly wentBack: boolean;
}

/** Saves and restores the training of one run, and ends it between updates when it is asked to stop. */
export interface Checkpointing {
  /** Where to go on from: the newest checkpoint whose files are whole, else the beginning. */
  start(): Promise<Start>;
  /**
   * To be called after each update, and after the evaluation that may follow it. Saves when `checkpointEverySteps` says
   * so and after an evaluation, though the last update of an epoch is saved by `afterEpoch`. Where a pause or shutdown
   * is requested, it saves and throws RunStopped; where the run is cancelled or abandoned, it throws without saving.
   */
  afterUpdate(state: TrainingState, update: Update, plan: TrainingPlan, isEvaluated: boolean): Promise<TrainingState>;
  /** To be called after each epoch and its evaluation. Saves, and throws RunStopped as `afterUpdate` does. */
  afterEpoch(state: TrainingState): Promise<TrainingState>;
}

export function createCheckpointing(
  { runId, spec, context }: TrainingRun,
  { store, engine }: TrainingTools,
  parameters: CheckpointedParameters,
): Checkpointing {
  const owner = { runId, spec, engine: engine.choice };

  async function save(state: TrainingState): Promise<TrainingState> {
    const isBest = state.validation.best?.step === state.step;
    const named = { id: randomUUID(), best: isBest };
    const checkpoint = await context.timed('checkpoint', () =>
      whenThereIsSpace(context, `the checkpoint of step ${state.step}`, () =>
        saveCheckpoint(store, owner, parameters, state, named),
      ),
    );
    context.checkpoint(checkpoint);
    return isBest ? { ...state, bestDigest: checkpoint.digest } : state;
  }

  return {
    async start() {
      const points = context.resume === null ? [] : [context.resume, ...context.olderCheckpoints];
      const { restored, passedOver } = await restoreNewest(points, ({ digest }) =>
        restoreCheckpoint(store, owner, parameters, digest),
      );
      const wentBack = passedOver.length > 0;
      if (wentBack) {
        context.wentBack(restored?.point.step ?? 0);
        await context.events(passedOver.map(describePassedOver));
      }
      if (restored === null) {
        if (wentBack) await context.events([line('INFO', 'Goes on from the beginning: no checkpoint is whole')]);
        const state = { step: 0, epoch: 0, updatesInEpoch: 0, validation: noValidation, bestDigest: null };
        return { state, wentBack };
      }
      const { digest, attempt } = restored.point;
      const { state, engine: wrote } = restored.manifest;
      const { version, threads } = engine.choice;
      const isSameEngine = wrote.version === version && wrote.threads === threads;
      await context.events([
        line('INFO', `Goes on after step ${state.step}, saved by attempt ${attempt}`),
        ...(isSameEngine
          ? []
          : [
              line(
                'WARNING',
                `Engine ${wrote.version} on ${wrote.threads} threads wrote that checkpoint, and engine ${version} on ` +
                  `${threads} threads goes on from it: results may differ in the last digits from an unbroken run; and ` +
                  'where versions lay out batches differently, some examples of an epoch under way are seen twice or not at all',
              ),
            ]),
      ]);
      const isBest = state.validation.best?.step === state.step;
      return { state: isBest ? { ...state, bestDigest: digest } : state, wentBack };
    },

    async afterUpdate(state, update, plan, isEvaluated) {
      beatOrCancel(context);
      const isLast = update.index + 1 === plan.updatesPerEpoch;
      const isDue = state.step % spec.hyperparameters.checkpointEverySteps === 0 && !isLast;
      const wish = context.requested();
      const saved = isDue || isEvaluated || wish !== null ? await save(state) : state;
      if (wish !== null) throw new RunStopped(wish);
      return saved;
    },

    async afterEpoch(state) {
      beatOrCancel(context);
      const saved = await save(state);
      const wish = context.requested();
      if (wish !== null) throw new RunStopped(wish);
      return saved;
    },
  };
}
