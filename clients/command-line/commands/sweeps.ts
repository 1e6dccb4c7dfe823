import type { Command } from 'commander';
import { allNodes, orThrow } from '../../typescript/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import {
  CancelExperiment,
  CloneExperiment,
  type HyperparametersInput,
  ListExperiments,
} from '../generated/operations.js';
import { collect, parseWhole, setAt } from '../parse-options.js';
import { requireExperiment } from '../references.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { combinationsOf, drawn, parseGrid } from '../sweep-grid.js';
import { record, table } from '../table.js';
import { followExperiment } from '../watch-experiment.js';
import { within } from '../within.js';

/** The tag by which the experiments of a sweep are found. */
const tagOf = (sweep: string): string => `sweep: ${sweep}`;

const mostExperiments = 100;
const running = new Set(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'PAUSED', 'CANCELING']);

export function addSweeps(program: Command, surroundings: Surroundings): void {
  const sweeps = program
    .command('sweeps')
    .summary('the same experiment with other hyperparameters')
    .description(
      'A sweep is a set of clones of one experiment, which a tag holds together. The server has no search of hyperparameters: the command makes the clones, all of a grid or some of it drawn at random.',
    );

  sweeps
    .command('create')
    .summary('clone an experiment for each combination')
    .argument('<experiment>', 'name or id of the one to vary')
    .requiredOption('--name <name>', 'of the sweep')
    .requiredOption(
      '--grid <path=values>',
      'such as learningRate=1e-4,3e-4 or adapter.rank=4,8; may be repeated',
      collect,
    )
    .option('--random <number>', 'only so many, drawn at random', parseWhole)
    .option('--seed <number>', 'of the draw', parseWhole, 0)
    .action(within(surroundings, create));

  sweeps
    .command('show')
    .summary('a table of its experiments, best first')
    .argument('<name>', 'of the sweep')
    .option('--metric <key>', 'to compare by', 'validation/loss')
    .option('--highest', 'the highest value is the best')
    .action(within(surroundings, show));

  sweeps
    .command('watch')
    .summary('follow its experiments to their ends, one after another, then show them')
    .argument('<name>', 'of the sweep')
    .option('--metric <key>', 'to compare by', 'validation/loss')
    .option('--highest', 'the highest value is the best')
    .action(
      within(surroundings, async (session, name: string, options: ShowOptions) => {
        for (const experiment of await experimentsOf(session, name, options.metric)) {
          if (!running.has(experiment.status)) continue;
          session.note(experiment.name);
          await followExperiment(session, experiment, 0);
        }
        await show(session, name, options);
      }),
    );

  sweeps
    .command('cancel')
    .summary('end those of its experiments that have not ended')
    .argument('<name>', 'of the sweep')
    .action(
      within(surroundings, async (session, name: string) => {
        for (const { id: experimentId, status } of await experimentsOf(session, name, 'validation/loss')) {
          if (!running.has(status)) continue;
          const canceled = orThrow(await session.client.mutate(CancelExperiment, { experimentId }, session));
          await session.show(canceled, () =>
            record({ experiment: canceled.name, status: canceled.status.toLowerCase() }),
          );
        }
      }),
    );
}

async function create(
  session: Session,
  reference: string,
  options: { readonly name: string; readonly grid: string[]; readonly random?: number; readonly seed: number },
): Promise<void> {
  const source = await requireExperiment(session, reference);
  const all = combinationsOf(options.grid.map(parseGrid));
  const combinations = options.random === undefined ? all : drawn(all, options.random, options.seed);
  if (combinations.length > mostExperiments) {
    throw new CommandError(
      'TOO_MANY',
      `The grid has ${combinations.length} combinations; a sweep has ${mostExperiments} at most.`,
      'Draw some of them with --random.',
      exitCodes.usage,
    );
  }
  for (const combination of combinations) {
    const hyperparameters: { [name: string]: unknown } = {};
    for (const [path, value] of combination) setAt(hyperparameters, `${path}=${JSON.stringify(value)}`);
    const said = combination.map(([path, value]) => `${path.split('.').at(-1)} ${value}`).join(', ');
    const input = {
      experimentId: source.id,
      name: `${options.name}: ${said}`,
      hyperparameters: hyperparameters as HyperparametersInput,
      tags: [tagOf(options.name)],
      // The command may be repeated: what is there is not made again.
      idempotencyKey: `${tagOf(options.name)} of ${source.id}: ${JSON.stringify(combination)}`,
    };
    const experiment = orThrow(await session.client.mutate(CloneExperiment, input, session));
    await session.show(experiment, () => `${experiment.name}  ${experiment.id}`);
  }
}

interface ShowOptions {
  readonly metric: string;
  readonly highest?: boolean;
}

async function show(session: Session, name: string, { metric, highest }: ShowOptions): Promise<void> {
  const found = await experimentsOf(session, name, metric);
  const reached = (each: (typeof found)[number]): number =>
    (each.summary[0]?.best?.value ?? each.summary[0]?.value ?? Number.NaN) * (highest === true ? -1 : 1);
  // Those without a value come last.
  const ordered = found.toSorted((a, b) => {
    const [one, other] = [reached(a), reached(b)];
    if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
    return one - other;
  });
  if (session.isJson) {
    for (const each of ordered) await session.show(each, () => '');
    return;
  }
  await session.show({}, () =>
    table(
      ['experiment', 'status', `best ${metric}`, 'at step'],
      ordered.map((each) => [
        each.name.replace(`${name}: `, ''),
        each.status.toLowerCase(),
        each.summary[0]?.best?.value ?? each.summary[0]?.value,
        each.summary[0]?.best?.step,
      ]),
    ),
  );
}

async function experimentsOf(session: Session, sweep: string, metric: string) {
  const { client, projectSlug } = session;
  const listed = allNodes(async (after) => {
    const variables = {
      projectSlug,
      first: 100,
      after,
      filter: { tags: [tagOf(sweep)] },
      orderBy: null,
      metrics: [metric],
    };
    return (await client.query(ListExperiments, variables, session)).project?.experiments;
  });
  const found = [];
  for await (const experiment of listed) found.push(experiment);
  if (found.length > 0) return found.reverse();
  throw new CommandError('NOT_FOUND', `There is no sweep “${sweep}”.`, 'attune sweeps create makes one.');
}
