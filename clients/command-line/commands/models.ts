import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { orThrow } from '../../typescript/index.js';
import { saveTo } from '../../typescript/node.js';
import { CommandError } from '../command-error.js';
import { follow, watching } from '../follow.js';
import {
  type ExportFormat,
  ExportModel,
  FollowExport,
  FollowImport,
  type GgufType,
  type ImportBaseModelInput,
  ImportModel,
  ListModels,
  type OnnxVariant,
} from '../generated/operations.js';
import { showList } from '../list.js';
import { collect, parseName, parseWhole, readObject, shownName } from '../parse-options.js';
import { requireModel } from '../references.js';
import { inProject, type Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { bytesText, record } from '../table.js';
import { within } from '../within.js';

const exportFormats: readonly ExportFormat[] = ['HUGGING_FACE', 'PEFT', 'ONNX', 'TRANSFORMERS_JS', 'GGUF'];
const ggufTypes: readonly GgufType[] = ['F32', 'F16', 'Q8_0'];
const variants: readonly OnnxVariant[] = ['FP32', 'FP16', 'INT8'];

export function addModels(program: Command, surroundings: Surroundings): void {
  const models = program.command('models').summary('base models, and models that were trained');

  models
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
            return (await session.client.query(ListModels, variables, session)).project?.baseModels;
          },
          ['name', 'architecture', 'parameters', 'context', 'heads', 'aliases', 'from'],
          ({ name, architecture, parameterCount, contextLength, allHeads, aliases, producedBy, source }) => [
            name,
            architecture.toLowerCase(),
            Number(parameterCount).toLocaleString('en'),
            contextLength,
            allHeads.map(({ task }) => task).join(', '),
            aliases.nodes.map((alias) => alias.name).join(', '),
            producedBy?.name ?? source,
          ],
        ),
      ),
    );

  models
    .command('import')
    .summary('bring a model from a hub, a folder of the server, or a configuration')
    .argument(
      '<source>',
      'a repository of the hub, such as sentence-transformers/all-MiniLM-L6-v2, or with --folder a path',
    )
    .option('--name <name>', 'of the model here (default: the last part of the source)')
    .option('--folder', 'the source is a folder that the worker sees')
    .option('--configuration', 'the source is a JSON file with a ConfigurationSourceInput; the weights are random')
    .option('--revision <revision>', 'branch, tag or commit of the repository')
    .option('--licence <licence>', 'where the model does not say it')
    .option('--reward-model', 'a class for sequence classification with one label is a reward model')
    .option('--adapter-base <model>', 'the model that an adapter belongs to')
    .option('--no-wait', 'do not wait for the end')
    .action(within(surroundings, importModel));

  models
    .command('export')
    .summary('take a model elsewhere')
    .argument('<model>', 'name, alias or id')
    .requiredOption('--format <format>', exportFormats.map(shownName).join(', '), parseName(exportFormats))
    .option('-o, --output <folder>', 'where the files are put (default: a folder of the name of the model)')
    .option('--archive', 'one archive in place of files')
    .option('--gguf-type <type>', ggufTypes.map(shownName).join(', '), parseName(ggufTypes))
    .option(
      '--variant <variant>',
      `of transformers.js: ${variants.map(shownName).join(', ')}; may be repeated`,
      (text, before) => collect(parseName(variants)(text), before as string[] | undefined),
    )
    .action(within(surroundings, exportModel));
}

interface ImportOptions {
  readonly name?: string;
  readonly folder?: boolean;
  readonly configuration?: boolean;
  readonly revision?: string;
  readonly licence?: string;
  readonly adapterBase?: string;
  readonly rewardModel?: boolean;
  readonly wait: boolean;
}

async function importModel(session: Session, source: string, options: ImportOptions): Promise<void> {
  const { client } = session;
  const base = options.adapterBase === undefined ? null : await requireModel(session, options.adapterBase);
  const input: ImportBaseModelInput = {
    ...inProject(session),
    name: options.name ?? basename(source).replace(/\.json$/, ''),
    source: await sourceOf(source, options),
    licence: options.licence,
    isRewardModel: options.rewardModel,
    adapterBaseModelId: base?.id,
  };
  const begun = orThrow(await client.mutate(ImportModel, input, session));
  if (!options.wait) {
    await session.show(begun, () => record({ import: begun.id, status: begun.status }));
    return;
  }
  const states = client.subscribe(FollowImport, { id: begun.id }, watching(session));
  const done = await follow(session, states, 'The import', ({ progress }) => bytesOf(progress));
  const { model } = done;
  await session.show(done, () =>
    record({
      model: model?.name,
      id: model?.id,
      architecture: model?.architecture.toLowerCase(),
      parameters: Number(model?.parameterCount ?? 0).toLocaleString('en'),
      licence: model?.licence,
    }),
  );
}

async function sourceOf(source: string, options: ImportOptions): Promise<ImportBaseModelInput['source']> {
  // The server checks what the file says, and names what is wrong with it.
  if (options.configuration) return { configuration: (await readObject(source)) as never };
  if (options.folder) return { folder: { path: resolve(source) } };
  return { hub: { repository: source, ...(options.revision === undefined ? {} : { revision: options.revision }) } };
}

interface ExportOptions {
  readonly format: ExportFormat;
  readonly output?: string;
  readonly archive?: boolean;
  readonly ggufType?: GgufType;
  readonly variant?: OnnxVariant[];
}

async function exportModel(session: Session, reference: string, options: ExportOptions): Promise<void> {
  const { client, signal } = session;
  const model = await requireModel(session, reference);
  const { format, ggufType, variant } = options;
  const input = {
    modelId: model.id,
    format,
    ...(ggufType === undefined ? {} : { ggufType }),
    ...(variant === undefined ? {} : { variants: variant }),
  };
  const begun = orThrow(await client.mutate(ExportModel, input, session));
  const states = client.subscribe(FollowExport, { id: begun.id }, watching(session));
  const done = await follow(session, states, 'The export', ({ progress }) => bytesOf(progress));
  const folder = options.output ?? model.name.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const wanted =
    options.archive === true && done.archiveUrl
      ? [{ name: `${basename(folder)}.zip`, url: done.archiveUrl, sizeBytes: null }]
      : done.files;
  const written: string[] = [];
  for (const { name, url, sizeBytes } of wanted) {
    const path = pathWithin(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const bar = session.progress(name);
    const onProgress = (arrived: number, total: number | null): void =>
      bar.at(arrived, total ?? (sizeBytes === null ? null : Number(sizeBytes)), bytesText(arrived));
    await saveTo(client, url, path, { signal, onProgress }).finally(() => bar.end());
    written.push(path);
  }
  await session.show({ ...done, written }, () => written.join('\n'));
}

/** Names come from the server: none leads out of the folder. */
function pathWithin(folder: string, name: string): string {
  const path = join(folder, name);
  if (resolve(path).startsWith(resolve(folder) + sep)) return path;
  throw new CommandError('INVALID_NAME', `The server names a file “${name}”, which would lie outside of ${folder}.`);
}

function bytesOf(
  progress: { bytesDone: number | string; bytesTotal?: number | string | null } | null | undefined,
): readonly [number, number | null, string] | null {
  if (!progress) return null;
  const [done, total] = [Number(progress.bytesDone), progress.bytesTotal ? Number(progress.bytesTotal) : null];
  return [done, total, `${bytesText(done)}${total === null ? '' : ` of ${bytesText(total)}`}`];
}
