import type { Command } from 'commander';

export interface Candidate {
  readonly word: string;
  readonly says: string;
}

/** The commands and options that could stand in place of the last word, which may be begun. */
export function candidates(program: Command, words: readonly string[]): Candidate[] {
  const last = words.at(-1) ?? '';
  let command = program;
  let isValue = false;
  for (const word of words.slice(0, -1)) {
    if (isValue) {
      isValue = false;
      continue;
    }
    if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find((each) => each.long === word || each.short === word);
      isValue = option !== undefined && (option.required || option.optional) && !word.includes('=');
      continue;
    }
    command = command.commands.find((each) => each.name() === word || each.aliases().includes(word)) ?? command;
  }
  // What an option takes, the shell completes as files.
  if (isValue) return [];
  const found = last.startsWith('-')
    ? [...command.options, ...(command === program ? [] : program.options)]
        .filter(({ hidden }) => !hidden)
        .map(({ long, description }) => ({ word: long ?? '', says: description }))
    : command.registeredArguments.length > 0 && command.registeredArguments[0]?.argChoices
      ? command.registeredArguments[0].argChoices.map((word) => ({ word, says: '' }))
      : command.commands.map((each) => ({ word: each.name(), says: each.summary() || each.description() }));
  return found.filter(({ word }) => word !== '' && word.startsWith(last));
}
