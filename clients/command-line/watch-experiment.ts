import { endedWell, watching } from './follow.js';
import { FollowExperiment, ShowExperiment, type ShowExperimentQuery } from './generated/operations.js';
import type { Session } from './session.js';
import { figure, record, secondsText, table } from './table.js';

interface Watched {
  readonly id: string;
  readonly name: string;
}

/**
 * Follows an experiment to its end, and shows what came of it; for scripts that is the last line. Throws CommandError
 * when it did not succeed.
 *
 * @param afterSeq the last event that is known already
 */
export async function watchExperiment(session: Session, experiment: Watched, afterSeq: number): Promise<void> {
  await followExperiment(session, experiment, afterSeq);
  await showExperiment(session, experiment.id);
}

/** Follows an experiment to its end: a bar with its loss, and what it logs. For scripts each event is a line. */
export async function followExperiment(session: Session, { id, name }: Watched, afterSeq: number): Promise<void> {
  const bar = session.progress('Training');
  let [loss, where]: [string, readonly [number, number | null]] = ['', [0, null]];
  const draw = (says: string): void => bar.at(...where, [says, loss].filter(Boolean).join(' · '));
  try {
    for await (const event of session.client.subscribe(FollowExperiment, { id, afterSeq }, watching(session))) {
      if (session.isJson) {
        await session.show(event, () => '');
        continue;
      }
      switch (event.__typename) {
        case 'StatusChanged':
          draw(event.to.toLowerCase());
          break;
        case 'ProgressMade':
          where = [event.step, event.totalSteps];
          draw(`${event.step}/${event.totalSteps} steps · ${secondsText(event.etaSeconds)} left`);
          break;
        case 'MetricsRecorded': {
          const value = event.samples.find(({ key }) => key === 'train/loss')?.value;
          if (value !== null && value !== undefined) loss = `loss ${figure(value)}`;
          break;
        }
        case 'LogLine':
          if (event.level !== 'INFO') session.note(`${event.level.toLowerCase()}: ${event.message}`);
          break;
        default:
          // Checkpoints, texts, and kinds of events that later servers have.
          break;
      }
    }
  } catch (error) {
    bar.end();
    if (session.signal.aborted) session.note(`“${name}” goes on at the server; attune experiments watch follows it.`);
    throw error;
  } finally {
    bar.end();
  }
}

/** Shows an experiment. Throws CommandError when it has ended otherwise than well. */
export async function showExperiment(session: Session, id: string): Promise<void> {
  const { experiment } = await session.client.query(ShowExperiment, { id }, session);
  if (!experiment) return;
  await session.show(experiment, () => experimentText(experiment));
  if (experiment.status === 'FAILED' || experiment.status === 'CANCELED') endedWell(experiment.name, experiment);
}

function experimentText(experiment: NonNullable<ShowExperimentQuery['experiment']>): string {
  const { name, id, status, baseModel, model, progress, summary, findings } = experiment;
  const about = record({
    experiment: name,
    id,
    status: status.toLowerCase(),
    'base model': baseModel.name,
    model: model?.name,
    steps: progress ? `${progress.step} of ${progress.totalSteps}` : undefined,
  });
  const metrics = summary.map(({ definition, value, best }) => [definition.key, value, best?.value, best?.step]);
  return [
    about,
    ...(metrics.length === 0 ? [] : [table(['metric', 'newest', 'best', 'at step'], metrics)]),
    ...findings.map(({ severity, message, hint }) => `${severity.toLowerCase()}: ${message} ${hint}`),
  ].join('\n');
}
