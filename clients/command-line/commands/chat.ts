import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import { InterruptedError } from '../command-error.js';
import { type GenerationOptions, samplingOf, withGenerationOptions } from '../generation-options.js';
import { requireModel } from '../references.js';
import type { Session } from '../session.js';
import { streamAnswer } from '../stream-answer.js';
import type { Surroundings } from '../surroundings.js';
import { within } from '../within.js';

interface Message {
  readonly role: string;
  readonly content: string;
}

export function addChat(program: Command, surroundings: Surroundings): void {
  withGenerationOptions(program.command('chat'))
    .summary('talk to a language model')
    .description('A conversation, a line a turn: /new begins another one, /exit or Ctrl-D ends it.')
    .argument('<model>', 'name, alias or id')
    .option('--system <text>', 'what the model is told first')
    .action(within(surroundings, chat));
}

async function chat(
  session: Session,
  reference: string,
  options: GenerationOptions & { system?: string },
): Promise<void> {
  const { surroundings, signal } = session;
  const model = await requireModel(session, reference);
  const first: Message[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }];
  let messages = first;
  const { stdin, stderr } = surroundings;
  const isTerminal = stdin.isTTY === true;
  const lines = createInterface({
    input: stdin,
    ...(isTerminal ? { output: stderr, terminal: true } : {}),
    prompt: '> ',
  });
  if (isTerminal) session.note(`${model.name}. /new begins another conversation, /exit ends it.`);
  try {
    for await (const line of turnsOf(lines, signal, isTerminal)) {
      const content = line.trim();
      if (content === '/exit') break;
      if (content === '/new') messages = first;
      if (content === '' || content === '/new') continue;
      messages = [...messages, { role: 'user', content }];
      const input = { modelId: model.id, prompts: [{ messages }], ...samplingOf(options) };
      const { text } = await streamAnswer(session, input);
      messages = [...messages, { role: 'assistant', content: text }];
    }
  } finally {
    lines.close();
  }
}

/** Lines as they are asked for; none is lost that comes while an answer is written. */
async function* turnsOf(lines: Interface, signal: AbortSignal, isTerminal: boolean): AsyncGenerator<string> {
  const waiting: string[] = [];
  let isClosed = false;
  let failure: unknown = null;
  let notice = (): void => undefined;
  lines.on('line', (line) => {
    waiting.push(line);
    notice();
  });
  lines.on('close', () => {
    isClosed = true;
    notice();
  });
  // On a terminal readline takes Ctrl-C for itself.
  lines.on('SIGINT', () => {
    failure = new InterruptedError();
    notice();
  });
  signal.addEventListener('abort', () => notice(), { once: true });
  for (;;) {
    if (isTerminal && waiting.length === 0 && !isClosed) lines.prompt();
    while (waiting.length === 0 && !isClosed && failure === null && !signal.aborted) {
      await new Promise<void>((resolve) => {
        notice = resolve;
      });
    }
    signal.throwIfAborted();
    if (failure !== null) throw failure;
    const line = waiting.shift();
    if (line === undefined) return;
    yield line;
  }
}
