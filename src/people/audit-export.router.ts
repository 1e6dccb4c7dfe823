import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { GraphQLError } from 'graphql';
import { may, mayAdministerServer, maySee, type Viewer } from '../access/viewer.js';
import { globalId } from '../graphql/global-id.js';
import { DateTime } from '../graphql/scalars.js';
import { projectBySlug } from '../projects/project.reads.js';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import { type ExportedAuditRow, readAuditLog } from './audit.reads.js';
import { AuditFilter, auditConditions } from './audit-filter.input.js';

const pageRows = 1000;

const noProject: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is no project with this slug.',
  hint: 'List the projects with `projects`.',
};
const notAllowed: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'The audit log is for owners of the project, and that of the whole server for its administrators.',
  hint: 'An API key needs the scope ADMINISTER too.',
};

/** How each field of AuditFilter is read from the query of a URL. */
const readers: Readonly<Record<keyof AuditFilter, (given: readonly string[]) => unknown>> = {
  since: momentOf,
  before: momentOf,
  user: (given) => given,
  apiKey: (given) => given,
  credential: (given) => given,
  action: (given) => given,
  outcome: (given) => given,
  target: (given) => given,
  targetType: (given) => given,
  targetName: (given) => given.join(' '),
};

/**
 * The audit log as JSON lines, the oldest entry first: `GET /projects/<slug>/audit-log.jsonl` that of a project, `GET
 * /audit-log.jsonl` that of the server. The query of the URL has the fields of AuditFilter; a field with several values
 * is repeated. Refusals are {code, message, hint}; a project that the viewer may not see looks as if it did not exist.
 */
export function auditExportRouter(options: {
  readonly query: Query;
  /** Runs before both routes. */
  readonly identify: RequestHandler;
  readonly viewerOf: (request: Request) => Viewer;
}): Router {
  const { query, identify, viewerOf } = options;
  const router = Router();

  router.get('/projects/:slug/audit-log.jsonl', identify, async (request: Request<{ slug: string }>, response) => {
    const { slug } = request.params;
    const project = await projectBySlug(query, slug);
    const viewer = viewerOf(request);
    if (project === null || !maySee(viewer, project.id)) return answerRefusal(response, noProject);
    if (!may(viewer, 'ADMINISTER', project.id)) return answerRefusal(response, notAllowed);
    await send(query, project.id, slug, request, response);
  });

  router.get('/audit-log.jsonl', identify, async (request, response) => {
    if (!mayAdministerServer(viewerOf(request))) return answerRefusal(response, notAllowed);
    await send(query, null, 'server', request, response);
  });

  return router;
}

/** @param projectId null: the log of the whole server */
async function send(
  query: Query,
  projectId: string | null,
  name: string,
  request: Request,
  response: Response,
): Promise<void> {
  let where: ReturnType<typeof auditConditions>;
  try {
    where = auditConditions(filterIn(request.query));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const hint = `The query of the URL has the fields of AuditFilter: ${Object.keys(readers).join(', ')}.`;
    return answerRefusal(response, { status: 400, code: 'BAD_USER_INPUT', message: error.message, hint });
  }
  async function* lines(): AsyncGenerator<string> {
    for (let after = 0; ; ) {
      const rows = await readAuditLog(query, { projectId, where, after, limit: pageRows });
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(lineOf(row))}\n`).join('');
      if (rows.length < pageRows) return;
      after = rows.at(-1)!.position;
    }
  }
  response.attachment(`audit-log-${name}.jsonl`);
  response.set({ 'content-type': 'application/jsonl; charset=utf-8', 'cache-control': 'private, no-store' });
  try {
    await pipeline(Readable.from(lines()), response);
  } catch (error) {
    // A client that goes away is not a fault. Any other fault has ended the response too early, as the client sees.
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function filterIn(query: Request['query']): AuditFilter {
  const filter: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    const given = [value].flat();
    if (!Object.hasOwn(readers, name) || !given.every((each) => typeof each === 'string')) {
      throw new GraphQLError(`There is no filter ${JSON.stringify(name)}.`);
    }
    filter[name] = readers[name as keyof AuditFilter](given);
  }
  return Object.assign(new AuditFilter(), filter);
}

function momentOf(given: readonly string[]): Date {
  const [text, ...more] = given;
  try {
    if (more.length > 0) throw new TypeError('A moment is given once.');
    return DateTime.parseValue(text) as Date;
  } catch (error) {
    throw new GraphQLError(messageOf(error));
  }
}

/** An entry as the graph has it: ids of the graph, details as an object. */
function lineOf({
  position,
  at,
  project,
  credential,
  action,
  outcome,
  details,
  requestId,
  ...row
}: ExportedAuditRow): object {
  return {
    position,
    at: at.toISOString(),
    project,
    user: row.userId === null ? null : { id: globalId('User', row.userId), name: row.userName, kind: row.userKind },
    credential,
    apiKey: row.apiKeyId === null ? null : { id: globalId('ApiKey', row.apiKeyId), name: row.apiKeyName },
    action,
    outcome,
    target:
      row.targetType === null || row.targetId === null
        ? null
        : { type: row.targetType, id: globalId(row.targetType, row.targetId), name: row.targetName },
    details,
    requestId,
  };
}
