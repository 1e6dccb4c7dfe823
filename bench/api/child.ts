import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the bench that does what it is asked and stays alive and idle between two questions. */
export interface Child<Question, Answer> {
  /** @throws Error with what the child's work threw, or when it ended */
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
}

type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/** @param script beside this file, without extension */
export function startChild<Question extends object, Answer>(
  script: string,
  options: { readonly execArgv?: readonly string[] } = {},
): Child<Question, Answer> {
  const child: ChildProcess = fork(fileURLToPath(new URL(`${script}.js`, import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Unlike JSON, with infinities.
    serialization: 'advanced',
    execArgv: ['--enable-source-maps', ...(options.execArgv ?? [])],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`${script} ended with ${code ?? signal}.`);
  });
  ended.catch(() => undefined);
  return {
    async ask(question) {
      child.send(question);
      const [reply] = (await Promise.race([once(child, 'message'), ended])) as [Reply<Answer>];
      if ('error' in reply) throw new Error(`${script}: ${reply.error}`);
      return reply.answer;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await ended.catch(() => undefined);
    },
  };
}

/** The child's side: answers one question after the other. */
export function answerQuestions<Question, Answer>(work: (question: Question) => Promise<Answer>): void {
  process.on('message', (question: Question) => {
    work(question).then(
      (answer) => process.send!({ answer }),
      (error: unknown) =>
        process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
