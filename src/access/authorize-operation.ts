import { closingFirstTransaction } from '../database/transaction.js';
import { parseGlobalId, rowId, wordsOf } from '../graphql/global-id.js';
import { orProblems, ProblemsType } from '../graphql/problem.type.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { actAs, isRepeated } from './acting-viewer.js';
import { type AuditedAction, appendAudit, detailsOf } from './audit.js';
import { nameOfTarget, targetOf } from './audit-target.js';
import type { GraphQLContext } from './context.js';
import type { OperationPolicy, ProjectFrom } from './policy.js';
import { forbidden, lacksScope, needsAdministrator, noSuchProject, notFound } from './refusals.js';
import { may, mayAdministerServer } from './viewer.js';

export interface Operation {
  /** The name of the root field. */
  readonly name: string;
  readonly policy: OperationPolicy;
  /** Whether the operation can answer a refusal with the `Problems` of its result union. */
  readonly answersProblems: boolean;
  readonly changes: boolean;
}

/** What operations need that change users, members and keys. */
const mayChangeRights: ReadonlySet<OperationPolicy['needs']> = new Set(['ADMINISTER', 'SERVER', 'SIGN_IN']);

type Arguments = Readonly<Record<string, unknown>>;

/**
 * Runs an operation on the viewer's behalf if the viewer has the right. A change is logged in the transaction that
 * makes it. `perform` gets the project that the arguments name.
 */
export async function authorizeOperation<Result>(
  operation: Operation,
  args: Arguments,
  context: GraphQLContext,
  perform: (projectId: string | null) => Promise<Result>,
): Promise<Result | ProblemsType> {
  if (!operation.answersProblems) return authorizePlain(operation, args, context, perform);
  return orProblems(async () => {
    const projectId = await requireRights(operation, args, context);
    if (!operation.changes) return perform(projectId);
    try {
      return await change(operation, args, context, projectId, perform);
    } finally {
      // Others hear of it by a notification, which may come after this answer and the request that follows it.
      if (mayChangeRights.has(operation.policy.needs)) context.forgetRights();
    }
  });
}

/** As `authorizeOperation`, for operations without a result union: problems become GraphQL errors. */
async function authorizePlain<Result>(
  operation: Operation,
  args: Arguments,
  context: GraphQLContext,
  perform: (projectId: string | null) => Promise<Result>,
): Promise<Result> {
  let projectId: string | null;
  try {
    projectId = await requireRights(operation, args, context);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const [first] = error.problems;
    throw first!.code === 'FORBIDDEN' ? forbidden(first!) : notFound(first!.message);
  }
  return perform(projectId);
}

/**
 * The project that the arguments name.
 * @throws ProblemsError NOT_FOUND for a project that the viewer can't see, FORBIDDEN for a right that the viewer lacks
 */
async function requireRights(
  { name, policy, changes }: Operation,
  args: Arguments,
  context: GraphQLContext,
): Promise<string | null> {
  const { viewer } = context;
  if (policy.needs === 'SIGN_IN') return null;
  if (policy.needs === 'SERVER') {
    if (mayAdministerServer(viewer)) return null;
    if (changes) await logRefusal(name, policy, args, context, null);
    throw new ProblemsError([needsAdministrator]);
  }
  const { projectId, absent } = await projectIn(policy.project, args, context);
  if (projectId === null || !may(viewer, 'READ', projectId)) throw absent();
  if (may(viewer, policy.needs, projectId)) return projectId;
  if (changes) await logRefusal(name, policy, args, context, projectId);
  throw new ProblemsError([lacksScope(viewer, policy.needs, projectId)]);
}

/**
 * The project that the arguments name, and the error to throw when that project, or the object that leads to it, does
 * not exist.
 */
async function projectIn(
  from: ProjectFrom,
  args: Arguments,
  { loaders }: GraphQLContext,
): Promise<{ projectId: string | null; absent: () => ProblemsError }> {
  const slugPath = 'slug' in from ? from.slug : valueAt(args, from.id) == null ? from.orSlug : undefined;
  if ('slug' in from || slugPath !== undefined) {
    const path = slugPath ?? [];
    const slug = String(valueAt(args, path));
    const project = await loaders.projectBySlug.load(slug);
    return { projectId: project?.id ?? null, absent: () => noSuchProject(slug, inInput(path)) };
  }
  const path = inInput(from.id);
  const id = String(valueAt(args, from.id));
  const parsed = parseGlobalId(id);
  // In an `input`, an id of the wrong type is a problem of its own; elsewhere the object just does not exist.
  const uuid = from.id[0] === 'input' ? rowId(from.type, id, path) : parsed?.type === from.type ? parsed.uuid : null;
  const present = uuid === null ? null : await loaders.projectOf[from.type].load(uuid);
  const isAskedOfDeleted = present === null && uuid !== null && from.evenDeleted === true;
  return {
    projectId: isAskedOfDeleted ? await loaders.projectOfDeleted.load(uuid) : present,
    absent: () => new ProblemsError([problem(path, 'NOT_FOUND', `There is no ${wordsOf(from.type)} with this id.`)]),
  };
}

async function change<Result>(
  operation: Operation,
  args: Arguments,
  context: GraphQLContext,
  projectId: string | null,
  perform: (projectId: string | null) => Promise<Result>,
): Promise<Result> {
  const { viewer, write } = context;
  if (operation.policy.audit === undefined) return actAs(viewer, () => perform(projectId));
  const about = projectId ?? (await projectAbout(operation.policy.audit.about, args, context));
  const action = await actionOf(operation.name, operation.policy, args, context, about);
  return actAs(viewer, async () => {
    const { result, closed } = await closingFirstTransaction(
      async (query, made) => {
        if (!isRepeated()) await appendAudit(query, action, 'DONE', made);
      },
      () => perform(projectId),
    );
    if (result instanceof ProblemsType) {
      // The policy table allowed the call, but the service refused it.
      const refused = result.problems.some(({ code }) => code === 'FORBIDDEN');
      if (refused) await appendAudit(write, action, 'REFUSED', null);
      // The operation ran without a transaction, so the entry was not yet written.
    } else if (!closed && !isRepeated()) await appendAudit(write, action, 'DONE', null);
    return result;
  });
}

/**
 * The project that an operation is about when its rights don't depend on a project; null: none, or it does not exist.
 */
async function projectAbout(
  from: ProjectFrom | undefined,
  args: Arguments,
  { loaders }: GraphQLContext,
): Promise<string | null> {
  if (from === undefined) return null;
  if ('slug' in from) {
    const slug = valueAt(args, from.slug);
    return typeof slug === 'string' ? ((await loaders.projectBySlug.load(slug))?.id ?? null) : null;
  }
  const named = targetOf(valueAt(args, from.id));
  return named?.type === from.type ? loaders.projectOf[from.type].load(named.uuid) : null;
}

async function logRefusal(
  name: string,
  policy: OperationPolicy,
  args: Arguments,
  context: GraphQLContext,
  projectId: string | null,
): Promise<void> {
  if (policy.audit === undefined) return;
  await appendAudit(context.write, await actionOf(name, policy, args, context, projectId), 'REFUSED', null);
}

async function actionOf(
  name: string,
  { audit, ...policy }: OperationPolicy,
  args: Arguments,
  { viewer, write }: GraphQLContext,
  projectId: string | null,
): Promise<AuditedAction> {
  const input = (args.input ?? {}) as Readonly<Record<string, unknown>>;
  const named = 'project' in policy && 'id' in policy.project ? valueAt(args, policy.project.id) : null;
  // When no project leads to the target, a field among the policy's details holds its id.
  const other = audit?.details?.map((field) => input[field]).find((value) => targetOf(value) !== null);
  const target = targetOf(named ?? other) ?? (projectId === null ? null : { type: 'Project', uuid: projectId });
  return {
    viewer,
    action: name,
    projectId,
    target,
    // Read before the change, which may rename or remove the object.
    targetName: target === null || audit?.forgetsName === true ? null : await nameOfTarget(write, target, projectId),
    creates: audit?.creates ?? null,
    details: detailsOf(input, audit ?? {}),
  };
}

function valueAt(args: Arguments, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Arguments | undefined)?.[key], args);
}

/** Paths of problems start inside `input`; operations without an `input` give the argument's path. */
function inInput(path: readonly string[]): readonly string[] {
  return path[0] === 'input' ? path.slice(1) : path;
}
