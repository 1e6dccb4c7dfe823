import { Command } from 'commander';
import { addChat } from './commands/chat.js';
import { addCompletion, complete } from './commands/completion.js';
import { addDatasets } from './commands/datasets.js';
import { addEvaluate } from './commands/evaluate.js';
import { addExperiments } from './commands/experiments.js';
import { addFeedback } from './commands/feedback.js';
import { addGenerate } from './commands/generate.js';
import { addLogin } from './commands/login.js';
import { addModels } from './commands/models.js';
import { addPredict } from './commands/predict.js';
import { addSweeps } from './commands/sweeps.js';
import { exitCodes } from './exit-codes.js';
import type { Surroundings } from './surroundings.js';
import { plain } from './table.js';
import { errorText, toldError } from './told-error.js';

/** All commands, for these surroundings. */
export function commandLine(surroundings: Surroundings, version: string): Command {
  const { stdout, stderr } = surroundings;
  const program = new Command('attune')
    .description('Customizes pre-trained models on an Attune server.')
    .version(version)
    .option('--url <url>', 'the server, in place of that of attune login')
    .option('--project <slug>', 'the project')
    .option('--json', 'lines of JSON for scripts')
    .showHelpAfterError('Add --help to see what can be said here.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
  const groups = [
    addLogin,
    addDatasets,
    addModels,
    addExperiments,
    addSweeps,
    addEvaluate,
    addPredict,
    addGenerate,
    addChat,
    addFeedback,
    addCompletion,
  ];
  for (const add of groups) add(program, surroundings);
  return program;
}

/** Runs a command line, without the names of the program and the script, and returns the status to end with. */
export async function run(words: readonly string[], surroundings: Surroundings, version: string): Promise<number> {
  const program = commandLine(surroundings, version);
  inheritSettings(program);
  if (words[0] === '--complete') {
    complete(program, words.slice(words[1] === '--' ? 2 : 1), surroundings);
    return exitCodes.ok;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // What is thrown because of Ctrl-C may be anything that it met.
    const told = toldError(surroundings.signal.aborted ? surroundings.signal.reason : error);
    if (told.message !== null) {
      const { exitCode, ...said } = told;
      const isJson = program.opts<{ json?: boolean }>().json === true;
      surroundings.stderr.write(isJson ? `${JSON.stringify({ error: said })}\n` : `${plain(errorText(told))}\n`);
    }
    return told.exitCode;
  }
}

/** Subcommands inherit what the program does with errors and output only where they are made by `command`. */
function inheritSettings(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    inheritSettings(command);
  }
}
