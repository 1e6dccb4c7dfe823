import type { Command } from 'commander';
import { orThrow } from '../../typescript/index.js';
import { type ExperimentOptions, experimentInput, withExperimentOptions } from '../experiment-input.js';
import {
  CancelExperiment,
  CompareExperiments,
  CreateExperiment,
  ListExperiments,
  PlanExperiment,
  type RunStatus,
} from '../generated/operations.js';
import { showList } from '../list.js';
import { collect, parseName, parseWhole, shownName } from '../parse-options.js';
import { requireExperiment } from '../references.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { bytesText, figure, record, secondsText, table } from '../table.js';
import { showExperiment, watchExperiment } from '../watch-experiment.js';
import { within } from '../within.js';

const statuses: readonly RunStatus[] = [
  'QUEUED',
  'PREPARING',
  'TRAINING',
  'EVALUATING',
  'PAUSED',
  'CANCELING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
];

export function addExperiments(program: Command, surroundings: Surroundings): void {
  const experiments = program.command('experiments').summary('experiments, which train models');

  experiments
    .command('list')
    .summary('those of the project, newest first')
    .option('--limit <number>', 'how many at most', parseWhole, 50)
    .option('--status <status>', `${statuses.map(shownName).join(', ')}; may be repeated`, (text, before) =>
      collect(parseName(statuses)(text), before as string[] | undefined),
    )
    .option('--tag <tag>', 'only those with this tag; may be repeated', collect)
    .option('--metric <key>', 'a metric to show, and to sort by', 'validation/loss')
    .option('--sort', 'by the metric, best last')
    .action(within(surroundings, list));

  withExperimentOptions(experiments.command('create'))
    .summary('train a model')
    .description(
      'Begins an experiment: supervised learning of the columns whose roles say what they are, where neither --file nor --set says otherwise. Hyperparameters that are left out suit the data.',
    )
    .option('--plan', 'say what would happen, and begin nothing')
    .option('--watch', 'follow it to its end')
    .action(within(surroundings, create));

  experiments
    .command('show')
    .summary('how it stands')
    .argument('<experiment>', 'name or id')
    .action(
      within(surroundings, async (session, reference: string) =>
        showExperiment(session, (await requireExperiment(session, reference)).id),
      ),
    );

  experiments
    .command('watch')
    .summary('follow it to its end')
    .argument('<experiment>', 'name or id')
    .option('--after <seq>', 'the last event that is known already', parseWhole, 0)
    .action(
      within(surroundings, async (session, reference: string, { after }: { after: number }) =>
        watchExperiment(session, await requireExperiment(session, reference), after),
      ),
    );

  experiments
    .command('compare')
    .summary('what differs, and what came of it')
    .argument('<experiments...>', 'from 2 to 10: names or ids; the first is the baseline')
    .option('--metric <key>', 'only this one; may be repeated', collect)
    .option('--all', 'settings that are the same too')
    .action(within(surroundings, compare));

  experiments
    .command('cancel')
    .summary('end it; what it has learnt is lost')
    .argument('<experiment>', 'name or id')
    .action(
      within(surroundings, async (session, reference: string) => {
        const { id: experimentId } = await requireExperiment(session, reference);
        const { status, ...rest } = orThrow(await session.client.mutate(CancelExperiment, { experimentId }, session));
        await session.show({ ...rest, status }, () => record({ experiment: rest.name, status: status.toLowerCase() }));
      }),
    );
}

interface ListOptions {
  readonly limit: number;
  readonly status?: RunStatus[];
  readonly tag?: string[];
  readonly metric: string;
  readonly sort?: boolean;
}

function list(session: Session, { limit, status, tag, metric, sort }: ListOptions): Promise<void> {
  const filter = { ...(status === undefined ? {} : { status }), ...(tag === undefined ? {} : { tags: tag }) };
  const orderBy = sort === true ? ({ metric, of: 'BEST', direction: 'DESC' } as const) : null;
  return showList(
    session,
    limit,
    async (after, first) => {
      const variables = { projectSlug: session.projectSlug, after, first, filter, orderBy, metrics: [metric] };
      return (await session.client.query(ListExperiments, variables, session)).project?.experiments;
    },
    ['name', 'status', 'base model', 'steps', metric, 'best', 'created'],
    ({ name, status: at, baseModel, progress, summary, createdAt }) => [
      name,
      at.toLowerCase(),
      baseModel.name,
      progress ? `${progress.step}/${progress.totalSteps}` : null,
      summary[0]?.value,
      summary[0]?.best?.value,
      createdAt.slice(0, 16).replace('T', ' '),
    ],
  );
}

async function create(
  session: Session,
  options: ExperimentOptions & { readonly plan?: boolean; readonly watch?: boolean },
): Promise<void> {
  const { client } = session;
  const input = await experimentInput(session, options);
  if (options.plan === true) {
    const plan = orThrow((await client.query(PlanExperiment, { input }, session)).planExperiment);
    await session.show(plan, () =>
      [
        record({
          steps: `${plan.totalSteps} (${plan.stepsPerEpoch} an epoch)`,
          examples: `${plan.trainExamples}, ${plan.validationExamples} to validate`,
          parameters: `${Number(plan.trainableParameters).toLocaleString('en')} trained, ${Number(plan.frozenParameters).toLocaleString('en')} frozen`,
          time: secondsText(plan.estimatedSeconds),
          memory: bytesText(plan.estimatedMemoryBytes),
          disk: bytesText(plan.estimatedCheckpointBytes),
        }),
        table(
          ['hyperparameter', 'value', 'because'],
          plan.defaults.map(({ hyperparameter, value, reason }) => [hyperparameter, value, reason]),
        ),
        ...plan.findings.map(({ severity, message, hint }) => `${severity.toLowerCase()}: ${message} ${hint}`),
      ].join('\n'),
    );
    return;
  }
  const experiment = orThrow(await client.mutate(CreateExperiment, input, session));
  await session.show(experiment, () =>
    record({ experiment: experiment.name, id: experiment.id, status: experiment.status.toLowerCase() }),
  );
  if (options.watch === true) await watchExperiment(session, experiment, 0);
}

async function compare(
  session: Session,
  references: string[],
  { metric, all }: { readonly metric?: string[]; readonly all?: boolean },
): Promise<void> {
  const ids: string[] = [];
  for (const reference of references) ids.push((await requireExperiment(session, reference)).id);
  const variables = { ids, metrics: metric ?? null, onlyDifferences: all !== true };
  const { compareExperiments } = await session.client.query(CompareExperiments, variables, session);
  const { experiments, configuration, summary, ...rest } = orThrow(compareExperiments);
  await session.show({ ...rest, experiments, configuration, summary }, () => {
    const head = ['', ...experiments.map(({ name }) => name)];
    return [
      table(head, [
        ['status', ...experiments.map(({ status }) => status.toLowerCase())],
        ...configuration.map(({ label, values }) => [label, ...values.map((value) => value?.text)]),
      ]),
      table(
        head,
        summary.map(({ definition, best, values }) => [
          definition.key,
          ...values.map((value, i) => {
            const reached = value.best?.value ?? value.newest?.value;
            if (reached === null || reached === undefined) return null;
            return `${figure(reached)}${best?.id === experiments[i]?.id ? ' *' : ''}`;
          }),
        ]),
      ),
      '* the best of each metric, each at its best step',
    ].join('\n');
  });
}
