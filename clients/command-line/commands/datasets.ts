import { basename } from 'node:path';
import type { Command } from 'commander';
import { orThrow } from '../../typescript/index.js';
import { openFile } from '../../typescript/node.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { follow, watching } from '../follow.js';
import {
  AddDatasetVersion,
  CreateDataset,
  type FileFormat,
  FollowPreparation,
  FollowReport,
  ListDatasets,
  PrepareDataset,
  type PrepareDatasetInput,
  PreparedSteps,
  ReportDataset,
  ShowVersion,
  type VersionSummaryFragment,
} from '../generated/operations.js';
import { showList } from '../list.js';
import { collect, parseFractions, parseName, parseWhole, readJson, shownName } from '../parse-options.js';
import { readFileError } from '../read-file-error.js';
import { findDataset, requireVersion } from '../references.js';
import { inProject, patienceOfWork, type Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { bytesText, record, table } from '../table.js';
import { within } from '../within.js';

const formats: readonly FileFormat[] = ['AUTO', 'CSV', 'TSV', 'JSON', 'JSONL', 'CONLL', 'PARQUET', 'EXCEL'];

interface PushOptions {
  readonly name?: string;
  readonly add?: boolean;
  readonly format?: FileFormat;
  readonly description?: string;
  readonly splitColumn?: string;
  readonly fractions?: { name: string; fraction: number }[];
  readonly stratify?: string;
  readonly keepTogether?: string[];
  readonly seed?: number;
}

export function addDatasets(program: Command, surroundings: Surroundings): void {
  const datasets = program.command('datasets').summary('datasets and their versions');

  datasets
    .command('list')
    .summary('those of the project')
    .option('--limit <number>', 'how many at most', parseWhole, 50)
    .option('--text <words>', 'only those whose name, tags or notes have these words')
    .action(
      within(surroundings, (session, { limit, text }: { limit: number; text?: string }) =>
        showList(
          session,
          limit,
          async (after, first) => {
            const filter = text === undefined ? null : { text };
            const variables = { projectSlug: session.projectSlug, after, first, filter };
            return (await session.client.query(ListDatasets, variables, session)).project?.datasets;
          },
          ['name', 'version', 'examples', 'rejected', 'created', 'tags'],
          ({ name, latest, createdAt, tags }) => [
            name,
            latest?.number,
            latest?.exampleCount,
            latest?.rejectedCount,
            createdAt.slice(0, 10),
            tags.join(', '),
          ],
        ),
      ),
    );

  datasets
    .command('show')
    .summary('a version: columns, roles, splits')
    .argument('<dataset>', 'name, name@version, or id')
    .action(
      within(surroundings, async (session, reference: string) => {
        const { id } = await requireVersion(session, reference);
        const { node } = await session.client.query(ShowVersion, { id }, session);
        if (node?.__typename === 'DatasetVersion') await showVersion(session, node);
      }),
    );

  datasets
    .command('push')
    .summary('send a file and make a dataset of it')
    .description(
      'Sends a file in parts and makes a dataset, or with --add the next version of one, of it. An upload that broke off goes on where it ended when the command is repeated.',
    )
    .argument('<file>', 'CSV, TSV, JSON, JSON lines, CoNLL, Parquet or Excel, packed or not')
    .option('--name <name>', 'of the dataset (default: the name of the file)')
    .option('--add', 'add a version to the dataset of this name')
    .option(
      '--format <format>',
      `${formats.map(shownName).join(', ')} (default: as the file shows)`,
      parseName(formats),
    )
    .option('--description <text>', 'what it is')
    .option('--split-column <column>', 'the column that names the split of each row')
    .option('--fractions <list>', 'splits and their shares, such as train=0.8,validation=0.1,test=0.1', parseFractions)
    .option('--stratify <column>', 'keep the shares of the labels of this column in all splits')
    .option('--keep-together <column>', 'keep rows of one value together; may be repeated', collect)
    .option('--seed <number>', 'of the draw of the splits', parseWhole)
    .action(within(surroundings, push));

  datasets
    .command('prepare')
    .summary('make a version by a recipe')
    .description(
      'Makes a version of a dataset by a recipe, a JSON file with a list of steps such as [{"collapseWhiteSpace": {"columns": ["text"]}}], and follows it. With --input the file is the whole input of the mutation prepareDataset.',
    )
    .argument('<dataset>', 'the version to take the rows of: name, name@version, or id')
    .option('--recipe <file>', 'the steps')
    .option('--appended', 'with the examples that applications have appended')
    .option('--name <name>', 'make another dataset of this name, not the next version of the same')
    .option('--no-wait', 'do not wait for the end')
    .action(within(surroundings, prepare));

  datasets
    .command('report')
    .summary('what is wrong with a version, and which steps mend it')
    .argument('<dataset>', 'name, name@version, or id')
    .action(within(surroundings, report));
}

async function push(session: Session, path: string, options: PushOptions): Promise<void> {
  const { client, signal } = session;
  const name = options.name ?? basename(path).replace(/(\.[A-Za-z0-9]{1,7}){1,2}$/, '');
  const dataset = options.add === true ? await findDataset(session, name) : null;
  if (options.add === true && dataset === null) {
    throw new CommandError('NOT_FOUND', `There is no dataset “${name}” to add a version to.`, 'Leave --add out.');
  }
  await using source = await openFile(path, { signal }).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    throw readFileError(path, error);
  });
  if (source.sizeBytes === 0) throw new CommandError('EMPTY_FILE', `${path} is empty.`, null, exitCodes.usage);
  const bar = session.progress('Sending');
  const uploadId = await client
    .upload(source, {
      ...inProject(session),
      ...(options.format === undefined ? {} : { format: options.format }),
      continuesPending: true,
      maxRetries: patienceOfWork,
      signal,
      onProgress: (arrived, total) => bar.at(arrived, total, `${bytesText(arrived)} of ${bytesText(total)}`),
    })
    .finally(() => bar.end());
  session.note('The file has arrived. A worker reads it.');
  const input = { uploadId, ...splitOf(options) };
  if (dataset !== null) {
    await showVersion(
      session,
      orThrow(await client.mutate(AddDatasetVersion, { datasetId: dataset.id, ...input }, session)),
    );
    return;
  }
  const { description } = options;
  const about = { name, ...inProject(session), ...(description === undefined ? {} : { description }) };
  const { latest } = orThrow(await client.mutate(CreateDataset, { ...about, ...input }, session));
  if (latest) await showVersion(session, latest);
}

function splitOf({ splitColumn, fractions, stratify, keepTogether, seed }: PushOptions) {
  if (splitColumn !== undefined) return { splitColumn };
  if ([fractions, stratify, keepTogether, seed].every((each) => each === undefined)) return {};
  return {
    split: {
      ...(fractions === undefined ? {} : { fractions }),
      ...(stratify === undefined ? {} : { stratifyBy: stratify }),
      ...(keepTogether === undefined ? {} : { keepTogether }),
      ...(seed === undefined ? {} : { seed }),
    },
  };
}

async function showVersion(session: Session, version: VersionSummaryFragment): Promise<void> {
  const { dataset, number, exampleCount, rejectedCount, splits, columns, roles, notices } = version;
  await session.show(version, () =>
    [
      record({
        dataset: `${dataset.name}@${number}`,
        id: version.id,
        examples: exampleCount,
        rejected: rejectedCount,
        splits: splits.map((split) => `${split.name} ${split.exampleCount}`).join(', '),
      }),
      table(
        ['column', 'type', 'role', 'missing', 'distinct'],
        columns.map(({ name, type, missing, distinct }) => [
          name,
          type.toLowerCase(),
          roles.find(({ column }) => column === name)?.role.toLowerCase(),
          missing,
          distinct,
        ]),
      ),
      ...notices.map(({ message }) => message),
    ].join('\n'),
  );
}

async function prepare(
  session: Session,
  reference: string,
  options: { recipe?: string; appended?: boolean; name?: string; wait: boolean },
): Promise<void> {
  const { client } = session;
  const { id, dataset } = await requireVersion(session, reference);
  const recipe = options.recipe === undefined ? [] : await readJson(options.recipe);
  const input: PrepareDatasetInput = {
    ...(options.name === undefined ? { datasetId: dataset.id } : { name: options.name, ...inProject(session) }),
    sources: [
      { version: { datasetVersionId: id } },
      ...(options.appended === true ? [{ appended: { datasetId: dataset.id } }] : []),
    ],
    // The server checks the steps, and says where one is wrong.
    recipe: recipe as NonNullable<PrepareDatasetInput['recipe']>,
  };
  const begun = orThrow(await client.mutate(PrepareDataset, input, session));
  if (!options.wait) {
    await session.show(begun, () => record({ preparation: begun.id, status: begun.status }));
    return;
  }
  const states = client.subscribe(FollowPreparation, { id: begun.id }, watching(session));
  const { datasetVersion } = await follow(session, states, 'The preparation', ({ progress }) =>
    progress ? [progress.step ?? 0, input.recipe?.length ?? 0, progress.stage.toLowerCase()] : null,
  );
  if (!datasetVersion) return;
  if (!session.isJson) {
    const { node } = await client.query(PreparedSteps, { id: datasetVersion.id }, session);
    const steps = node?.__typename === 'DatasetVersion' ? node.steps : [];
    const rows = steps.map((each) => [
      each.step.kind,
      each.rowsBefore,
      each.rowsAfter,
      each.changed,
      each.dropped,
      each.added,
    ]);
    if (rows.length > 0)
      await session.show({}, () => table(['step', 'before', 'after', 'changed', 'dropped', 'added'], rows));
  }
  await showVersion(session, datasetVersion);
}

async function report(session: Session, reference: string): Promise<void> {
  const { client } = session;
  const { id } = await requireVersion(session, reference);
  const begun = orThrow(await client.mutate(ReportDataset, { datasetVersionId: id }, session));
  const states = client.subscribe(FollowReport, { id: begun.id }, watching(session));
  const done = await follow(session, states, 'The report', ({ stage }) =>
    stage ? [0, null, stage.toLowerCase()] : null,
  );
  const findings = done.facts?.findings ?? [];
  await session.show(done, () =>
    findings.length === 0
      ? `Nothing was found in ${done.facts?.rows ?? 0} rows.`
      : table(
          ['severity', 'finding', 'rows', 'mended by'],
          findings.map((each) => [each.severity.toLowerCase(), each.message, each.count, each.suggestedStep?.kind]),
        ),
  );
}
