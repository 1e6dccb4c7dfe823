import type { Command } from 'commander';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import type { CreateExperimentInput } from './generated/operations.js';
import { collect, parseNumber, parseWhole, readObject, setAt } from './parse-options.js';
import { requireModel, requireVersion } from './references.js';
import { inProject, type Session } from './session.js';

export interface ExperimentOptions {
  readonly file?: string;
  readonly model?: string;
  readonly dataset?: string;
  readonly name?: string;
  readonly text?: string;
  readonly label?: string;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly batchSize?: number;
  readonly maxLength?: number;
  readonly seed?: number;
  readonly loraRank?: number;
  readonly freezeEncoder?: boolean;
  readonly tag?: string[];
  readonly set?: string[];
}

/** The options that make an experiment, on a command. */
export function withExperimentOptions(command: Command): Command {
  return command
    .option('--file <file>', 'a JSON file with a CreateExperimentInput; options change it')
    .option('--model <model>', 'the base model: name, alias or id')
    .option('--dataset <dataset>', 'name, name@version, or id')
    .option('--name <name>', 'of the experiment')
    .option('--text <column>', 'the column of the text (default: the one whose role says it)')
    .option('--label <column>', 'the column of the label (default: the one whose role says it)')
    .option('--epochs <number>', 'passes over the data', parseWhole)
    .option('--learning-rate <number>', 'the highest one', parseNumber)
    .option('--batch-size <number>', 'examples an update', parseWhole)
    .option('--max-length <number>', 'tokens of an example', parseWhole)
    .option('--seed <number>', 'of all randomness', parseWhole)
    .option('--lora-rank <number>', 'train a low-rank adapter of this rank', parseWhole)
    .option('--freeze-encoder', 'train the head alone')
    .option('--tag <tag>', 'may be repeated', collect)
    .option(
      '--set <path=value>',
      'any other part of the input, such as hyperparameters.schedule=COSINE; may be repeated',
      collect,
    );
}

/** Supervised learning of the columns whose roles are clear, where neither file nor options say otherwise. */
export async function experimentInput(session: Session, options: ExperimentOptions): Promise<CreateExperimentInput> {
  const input: { [name: string]: unknown } = options.file === undefined ? {} : await readObject(options.file);
  if (options.model !== undefined) input.baseModelId = (await requireModel(session, options.model)).id;
  if (options.dataset !== undefined) {
    const { id, dataset } = await requireVersion(session, options.dataset);
    input.datasetVersionId = id;
    input.name ??= options.name ?? `${dataset.name} on ${options.model ?? 'a base model'}`;
  }
  if (options.name !== undefined) input.name = options.name;
  if (options.tag !== undefined) input.tags = options.tag;
  const columns = { textColumn: options.text, labelColumn: options.label };
  for (const [name, value] of Object.entries(columns)) {
    if (value !== undefined) setAt(input, `method.supervised.${name}=${JSON.stringify(value)}`);
  }
  input.method ??= { supervised: {} };
  const { epochs, learningRate, batchSize, maxLength, seed } = options;
  for (const [name, value] of Object.entries({ epochs, learningRate, batchSize, maxLength, seed })) {
    if (value !== undefined) setAt(input, `hyperparameters.${name}=${value}`);
  }
  if (options.loraRank !== undefined) setAt(input, `hyperparameters.adapter.rank=${options.loraRank}`);
  if (options.freezeEncoder === true) setAt(input, 'hyperparameters.freeze.kind=ENCODER');
  for (const assignment of options.set ?? []) setAt(input, assignment);
  const needed = { baseModelId: '--model', datasetVersionId: '--dataset', name: '--name' };
  const missing = Object.entries(needed).filter(([name]) => input[name] === undefined);
  if (missing.length > 0) {
    const names = missing.map(([, option]) => option).join(' and ');
    throw new CommandError(
      'REQUIRED',
      `An experiment needs ${names}.`,
      'Give them, or a --file that has them.',
      exitCodes.usage,
    );
  }
  // The server checks the rest, and says where it is wrong.
  return { ...inProject(session), ...input } as unknown as CreateExperimentInput;
}
