import type { Command } from 'commander';
import type { GenerateInput } from './generated/operations.js';
import { collect, parseNumber, parseWhole } from './parse-options.js';

export interface GenerationOptions {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly stop?: string[];
}

export function withGenerationOptions(command: Command): Command {
  return command
    .option('--max-tokens <number>', 'tokens of an answer at most', parseWhole)
    .option('--temperature <number>', '0: always the likeliest token', parseNumber)
    .option('--top-p <number>', 'only the likeliest tokens of this probability together', parseNumber)
    .option('--top-k <number>', 'only so many of the likeliest tokens', parseWhole)
    .option('--seed <number>', 'of the draws', parseWhole)
    .option('--stop <text>', 'where an answer ends; may be repeated', collect);
}

/** The part of an input that the options are. */
export function samplingOf(options: GenerationOptions): Partial<GenerateInput> {
  const { temperature, topP, topK, seed, maxTokens, stop } = options;
  const sampling = Object.fromEntries(
    Object.entries({ temperature, topP, topK, seed }).filter(([, value]) => value !== undefined),
  );
  return {
    ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(stop === undefined ? {} : { stop }),
  };
}
