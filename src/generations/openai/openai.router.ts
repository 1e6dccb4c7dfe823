import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { OperationTypeNode } from 'graphql';
import { actAs } from '../../access/acting-viewer.js';
import { AuthenticationError } from '../../access/authenticate.js';
import type { LiveRights } from '../../access/live-rights.js';
import { may, type Viewer } from '../../access/viewer.js';
import { holdsUnstorable } from '../../graphql/unstorable-text.js';
import { ProblemsError } from '../../problems/problem.js';
import type { Query } from '../../protocol/sql/query.js';
import { withinBodyTime } from '../../server/before-graphql.js';
import { maxBodyMs, maxRequestBytes } from '../../server/http-app.js';
import { checkJsonBody } from '../../server/json-weight.js';
import { type Identify, TooManyAttemptsError } from '../../server/limit-attempts.js';
import { payerOf, pointsOf, rateHeaders } from '../../server/operation-cost.js';
import type { RateLimit } from '../../server/rate-limits.js';
import type { GenerationService } from '../generation.service.js';
import { generationLimits } from '../generation-limits.js';
import { noWorker, tookTooLong } from '../generation-problems.js';
import { type Answering, answerInParts, answerWhole } from './answer-generation.js';
import { chat, completion, type Dialect } from './dialects.js';
import { findNamedModel, listNamedModels, type NamedModel } from './named-models.js';
import { answerOpenAiError, errorOfProblem, invalid, OpenAiError, serverError } from './openai-error.js';

/** What a request costs of the rate limit: as much as a mutation. */
const points = pointsOf({ type: OperationTypeNode.MUTATION, complexity: 0, mutations: 1 });

interface RouterOptions {
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly generations: Pick<GenerationService, 'queue' | 'follow' | 'drop'>;
  readonly identify: Identify;
  readonly liveRights: Pick<LiveRights, 'follow'>;
  /** Null: no limit. */
  readonly rateLimit: RateLimit | null;
  /** Takes an error that has no answer of its own, and the id by which the answer names it. */
  readonly logUnexpected: (error: unknown, id: string) => void;
}

/**
 * Models that write texts, by the API of OpenAI: `POST /v1/chat/completions`, `POST /v1/completions`, whole or as
 * server-sent events, and `GET /v1/models`. Refusals have its form too.
 */
export function openAiRouter(options: RouterOptions): Router {
  const { query, generations } = options;
  const viewers = new WeakMap<Request, Viewer>();
  const viewerOf = (request: Request): Viewer => viewers.get(request)!;
  const router = Router();

  const identify: RequestHandler = async (request, _response, next) => {
    viewers.set(request, await options.identify(request));
    next();
  };
  const pay: RequestHandler = async (request, _response, next) => {
    const payer = payerOf(viewerOf(request));
    const { rateLimit } = options;
    const state = payer === null || rateLimit === null ? null : await rateLimit.spend(payer, points);
    if (rateLimit !== null && state?.allowed === false) {
      const message = `The rate limit of this credential is used up. Try again in ${state.resetSeconds} s.`;
      throw rateLimited(message, rateHeaders(rateLimit, state));
    }
    next();
  };
  const body = [
    withinBodyTime(maxBodyMs, (_request, response: Response) =>
      answerOpenAiError(response, new OpenAiError(408, { ...slow, type: 'invalid_request_error' })),
    ),
    express.json({ limit: maxRequestBytes, verify: checkJsonBody }),
  ];

  const generate =
    (dialect: Dialect): RequestHandler =>
    async (request, response) => {
      const viewer = viewerOf(request);
      if (holdsUnstorable(request.body)) throw invalid(null, unstorable);
      const asked = dialect.read(request.body);
      const model = await findNamedModel(query, viewer, asked.model);
      const id = await asDialect(dialect, () =>
        actAs(viewer, () => generations.queue(model, asked.request, { keepWithoutListeners: false, idempotent: null })),
      );
      const head = {
        id: `${dialect.idPrefix}${id}`,
        created: Math.floor(Date.now() / 1000),
        model: asked.model,
        system_fingerprint: `fp_${model.digest.slice(0, 12)}`,
      };
      await follow(response, id, { viewer, projectId: model.projectId }, { dialect, asked, head });
    };

  async function follow(
    response: Response,
    id: string,
    { viewer, projectId }: { readonly viewer: Viewer; readonly projectId: string },
    answering: Omit<Answering, 'events'>,
  ): Promise<void> {
    const { dialect, asked } = answering;
    const gone = new AbortController();
    // The credential may end, or lose its right, while the answer is written.
    const refused = new AbortController();
    const rights = options.liveRights.follow(viewer, () => refused.abort());
    rights.onChange(() => {
      if (!may(rights.viewer, 'READ', projectId)) refused.abort();
    });
    response.once('close', () => gone.abort());
    // The client may have gone while its generation was queued.
    if (response.closed) gone.abort();
    const timeout = asked.streams ? [] : [AbortSignal.timeout(generationLimits.maxWaitSeconds * 1000)];
    const events = generations.follow(id, AbortSignal.any([gone.signal, refused.signal, ...timeout]));
    const answer = asked.streams ? answerInParts : answerWhole;
    let isAnswered = false;
    try {
      isAnswered = await asDialect(dialect, () =>
        answer(response, { ...answering, events: unless(refused.signal, events) }),
      );
    } finally {
      rights.close();
      // It has ended, unless its client has gone, or its right, or the time, or this process ends.
      if (!isAnswered || refused.signal.aborted) await generations.drop(id);
    }
    if (isAnswered || gone.signal.aborted) return;
    if (response.headersSent) response.end();
    else if (timeout[0]?.aborted === true) throw errorOfProblem(tookTooLong, dialect.promptParam);
    else throw errorOfProblem(noWorker, dialect.promptParam);
  }

  router.use('/v1', identify);
  for (const dialect of [chat, completion]) router.post(dialect.path, pay, ...body, generate(dialect));
  router.get('/v1/models', async (request, response) => {
    const models = await listNamedModels(query, viewerOf(request));
    response.json({ object: 'list', data: models.map(toListedModel) });
  });
  router.get('/v1/models/:name', async (request: Request<{ name: string }>, response) => {
    const viewer = viewerOf(request as unknown as Request);
    const { name } = request.params;
    if (holdsUnstorable(name)) throw invalid('model', unstorable);
    const model = await findNamedModel(query, viewer, name);
    const [project] = await query<{ slug: string }>('SELECT slug FROM projects WHERE id = $1', [model.projectId]);
    response.json(modelObject(name, model.createdAt, project?.slug ?? ''));
  });
  router.use('/v1', (request) => {
    const message = `There is nothing to ${request.method} at ${request.baseUrl}${request.path}.`;
    throw new OpenAiError(404, { message, type: 'invalid_request_error', param: null, code: 'unknown_url' });
  });
  router.use('/v1', answerFailures(options.logUnexpected));
  return router;
}

const unstorable = 'A text holds U+0000 or an unpaired surrogate: remove it.';
const slow = { message: 'The body of the request did not arrive in time.', param: null, code: 'request_timeout' };

/** Problems of a generation, as the endpoint tells them. */
async function asDialect<Result>({ promptParam }: Dialect, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProblemsError ? errorOfProblem(error.problems[0]!, promptParam) : error;
  }
}

function toListedModel({ name, createdAt, projectSlug }: NamedModel): object {
  return modelObject(name, createdAt, projectSlug);
}

function modelObject(id: string, createdAt: Date, ownedBy: string): object {
  return { id, object: 'model', created: Math.floor(createdAt.getTime() / 1000), owned_by: ownedBy };
}

function rateLimited(message: string, headers: Readonly<Record<string, string>>): OpenAiError {
  return new OpenAiError(429, { message, type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' }, headers);
}

/** Answers whatever a handler throws in the form of OpenAI's errors. */
function answerFailures(logUnexpected: RouterOptions['logUnexpected']): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) next(error);
    else answerOpenAiError(response, toOpenAiError(error, logUnexpected));
  };
}

function toOpenAiError(error: unknown, logUnexpected: RouterOptions['logUnexpected']): OpenAiError {
  if (error instanceof OpenAiError) return error;
  if (error instanceof TooManyAttemptsError) {
    return rateLimited(error.message, { 'retry-after': String(error.retryAfterSeconds) });
  }
  if (error instanceof AuthenticationError) {
    const { message } = error;
    return new OpenAiError(
      401,
      { message, type: 'authentication_error', param: null, code: 'invalid_api_key' },
      { 'www-authenticate': 'Bearer realm="Attune"' },
    );
  }
  // Of the parser of bodies: the request is at fault, and the message tells nothing of the server.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500) {
    const { message } = error as Error;
    return new OpenAiError(status, { message, type: 'invalid_request_error', param: null, code: null });
  }
  const id = randomUUID();
  logUnexpected(error, id);
  return serverError(500, `Something unexpected happened; the server's log tells of ${id}.`, 'internal_error');
}

/** Passes events on, and throws when they end because of the signal. */
async function* unless<Event>(refused: AbortSignal, events: AsyncIterable<Event>): AsyncGenerator<Event> {
  for await (const event of events) {
    if (refused.aborted) break;
    yield event;
  }
  if (refused.aborted) throw new OpenAiError(401, { ...rightEnded, type: 'authentication_error' });
}

const rightEnded = {
  message: 'The right of this API key to read the model’s project has ended.',
  param: null,
  code: 'invalid_api_key',
} as const;
