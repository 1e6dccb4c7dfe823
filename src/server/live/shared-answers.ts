import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import type { GraphQLContext } from '../../access/context.js';
import { fixedRights, type Rights } from '../../access/live-rights.js';
import type { Viewer } from '../../access/viewer.js';
import { currentScope } from '../../database/operation-scope.js';
import { codesOf } from '../observe-operations.js';
import { type AnswerScope, answerScope } from './answer-scope.js';

/** Answers are kept for subscribers that are not as fast as the first one, up to so many bytes in all. */
const maxKeptBytes = 16 * 2 ** 20;

/** The answer to an event, as JSON in UTF-8. */
export type AnswerOf = (event: unknown) => Buffer | Promise<Buffer>;

/** The codes of answers that have errors, which few have. */
const codesOfAnswers = new WeakMap<Buffer, readonly string[]>();
const none: readonly string[] = [];

/** The codes of the errors in an answer that an AnswerOf gave. */
export function errorCodesOf(answer: Buffer): readonly string[] {
  return codesOfAnswers.get(answer) ?? none;
}

/** An answer that several subscribers may get. */
interface Shared {
  answer: Buffer | Promise<Buffer>;
  /** When its execution began, counted with the beginnings of subscriptions. */
  readonly began: number;
}

/**
 * Executes a subscription's selection once for each event and all subscribers that would get the same answer, and
 * writes the answer as JSON once. Answers are the same where the documents are, but for the subscription's own
 * arguments, and the values of the variables; and, where fields have resolvers, the viewers with all their rights: then
 * an execution is shared only while it runs, and only with those who were subscribed when it began, since its answer
 * shows the state of that moment.
 */
export interface SharedAnswers {
  /** The answers for one subscription. */
  for(args: ExecutionArgs): AnswerOf;
  /** How many selections were executed. */
  readonly executed: number;
}

export function createSharedAnswers(options: {
  readonly createContext: (rights: Rights) => GraphQLContext;
  /** The error as a client sees it. */
  readonly tell: (error: GraphQLError) => GraphQLFormattedError;
  readonly maxKeptBytes?: number;
}): SharedAnswers {
  const { createContext, tell } = options;
  const most = options.maxKeptBytes ?? maxKeptBytes;
  const scopes = new WeakMap<DocumentNode, AnswerScope>();
  const ofEvents = new WeakMap<object, Map<string, Shared>>();
  /** Kept answers, the oldest first. */
  const kept = new Set<{ readonly answers: Map<string, Shared>; readonly key: string; readonly bytes: number }>();
  let keptBytes = 0;
  let moments = 0;
  let executed = 0;

  const scopeOf = ({ schema, document }: ExecutionArgs): AnswerScope => {
    const found = scopes.get(document) ?? answerScope(schema, document);
    scopes.set(document, found);
    return found;
  };

  const toJson = ({ errors, ...result }: ExecutionResult): Buffer => {
    if (errors === undefined) return Buffer.from(JSON.stringify(result));
    const told = errors.map(tell);
    const made = Buffer.from(JSON.stringify({ ...result, errors: told }));
    codesOfAnswers.set(made, codesOf(told));
    return made;
  };
  const execution = (args: ExecutionArgs): Buffer | Promise<Buffer> => {
    executed += 1;
    const result = execute(args);
    return 'then' in result ? result.then(toJson) : toJson(result);
  };

  const keep = (answers: Map<string, Shared>, key: string, { length: bytes }: Buffer): void => {
    kept.add({ answers, key, bytes });
    keptBytes += bytes;
    for (const oldest of kept) {
      if (keptBytes <= most) break;
      kept.delete(oldest);
      keptBytes -= oldest.bytes;
      oldest.answers.delete(oldest.key);
    }
  };

  /** @param lasts whether a later execution would give the same answer */
  const shared = (
    event: object,
    key: string,
    since: number,
    lasts: boolean,
    make: () => Buffer | Promise<Buffer>,
  ): Buffer | Promise<Buffer> => {
    let answers = ofEvents.get(event);
    if (answers === undefined) {
      answers = new Map();
      ofEvents.set(event, answers);
    }
    const found = answers.get(key);
    if (found !== undefined && (lasts || found.began >= since)) return found.answer;
    const own: Shared = { began: moments++, answer: make() };
    answers.set(key, own);
    const settle = (made: Buffer | null): void => {
      if (answers.get(key) !== own) return;
      if (made === null || !lasts) {
        answers.delete(key);
        return;
      }
      own.answer = made;
      keep(answers, key, made);
    };
    if (Buffer.isBuffer(own.answer)) settle(own.answer);
    else own.answer.then(settle, () => settle(null));
    return own.answer;
  };

  // What an answer logs has the ids of the request that it was first made for.
  const executionWithin = (scope: ReturnType<typeof currentScope>): typeof execution =>
    scope === null ? execution : (args) => scope.run(() => execution(args));

  // What lasts as long as a subscription holds no context: with its loaders it is many times the rest.
  const ownAnswers = (args: ExecutionArgs): AnswerOf => {
    const answer = executionWithin(currentScope());
    const { rights } = args.contextValue as GraphQLContext;
    const operation = { ...args, contextValue: null };
    // A new context each time: what an earlier answer has loaded may have changed.
    return (event) => answer({ ...operation, contextValue: createContext(rights), rootValue: event });
  };
  const sharedAnswers = (args: ExecutionArgs, { dependsOn, text, variables }: AnswerScope): AnswerOf => {
    const answer = executionWithin(currentScope());
    const { rights } = args.contextValue as GraphQLContext;
    const operation = { ...args, contextValue: null };
    const { operationName, variableValues } = operation;
    // A variable that is not given has its default, and one that is null has none.
    const given = variables.filter((name) => Object.hasOwn(variableValues ?? {}, name));
    const values = given.map((name) => [name, variableValues?.[name]]);
    const key = `${operationName ?? ''}\n${JSON.stringify(values)}\n${text}`;
    const since = moments++;
    const lasts = dependsOn === 'event';
    return (event) => {
      // The viewer of this moment, and no later one: others with the same rights get the answer too.
      const { viewer } = rights;
      return shared(event as object, lasts ? key : `${rightsOf(viewer)}\n${key}`, since, lasts, () =>
        answer({ ...operation, contextValue: createContext(fixedRights(viewer)), rootValue: event }),
      );
    };
  };

  return {
    get executed() {
      return executed;
    },
    for(args) {
      const scope = scopeOf(args);
      return scope.dependsOn === 'subscriber' ? ownAnswers(args) : sharedAnswers(args, scope);
    },
  };
}

const rightsByViewer = new WeakMap<Viewer, string>();

/** Everything that resolvers may know of a viewer, as a text. */
function rightsOf(viewer: Viewer): string {
  const known = rightsByViewer.get(viewer);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...viewer, roles: [...viewer.roles].sort() });
  rightsByViewer.set(viewer, text);
  return text;
}
