import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { type GenerationOptions, samplingOf, withGenerationOptions } from '../generation-options.js';
import { parseWhole } from '../parse-options.js';
import { requireModel } from '../references.js';
import { streamAnswer } from '../stream-answer.js';
import type { Surroundings } from '../surroundings.js';
import { within } from '../within.js';

export function addGenerate(program: Command, surroundings: Surroundings): void {
  withGenerationOptions(program.command('generate'))
    .summary('let a language model write')
    .argument('<model>', 'name, alias or id')
    .argument('[prompts...]', 'without them standard input is one')
    .option('--chat', 'each prompt is the message of a user, by the chat template of the model')
    .option('--samples <number>', 'answers to each prompt', parseWhole)
    .action(
      within(
        surroundings,
        async (
          session,
          reference: string,
          given: string[],
          options: GenerationOptions & { chat?: boolean; samples?: number },
        ) => {
          if (given.length === 0 && surroundings.stdin.isTTY === true) {
            throw new CommandError(
              'REQUIRED',
              'There is no prompt.',
              'Name one, or give a file by < prompt.txt.',
              exitCodes.usage,
            );
          }
          const prompts = given.length > 0 ? given : [await readText(surroundings.stdin)];
          const { id: modelId } = await requireModel(session, reference);
          await streamAnswer(session, {
            modelId,
            prompts: prompts.map((text) =>
              options.chat === true ? { messages: [{ role: 'user', content: text }] } : { text },
            ),
            ...(options.samples === undefined ? {} : { samples: options.samples }),
            ...samplingOf(options),
          });
        },
      ),
    );
}
