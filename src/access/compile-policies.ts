import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { forAllOf } from '../graphql/execution/for-all.js';
import { authorizeOperation } from './authorize-operation.js';
import type { GraphQLContext } from './context.js';
import { guard, guardField, guardResult } from './guards.js';
import { type OperationPolicy, type Policies, part, type TypePolicy } from './policy.js';
import { withProjectSlug } from './project-slug.js';
import type { Scope } from './rights.js';
import { may, mayAdministerServer, type Viewer } from './viewer.js';
import { whileAllowed } from './while-allowed.js';

type Resolve = GraphQLFieldResolver<unknown, GraphQLContext>;

/**
 * Builds the policies into the schema's resolvers, once. A field that needs no check gets none, so leaf fields cost
 * what they would without policies. Throws when a root field, or a type that needs a policy, has none, and when a
 * policy names no type or field.
 */
export function compilePolicies(schema: GraphQLSchema, policies: Policies): void {
  const objectTypes = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
  const names = new Set(objectTypes.map(({ name }) => name));
  const extra = Object.keys(policies).filter((name) => !names.has(name));
  if (extra.length > 0)
    throw new Error(`There are policies for types that are not in the schema: ${extra.join(', ')}.`);
  const reached = typesOfProjects(schema, policies);
  for (const type of objectTypes) {
    const policy = policies[type.name] ?? (needsPolicy(schema, type) ? null : part);
    if (policy === null) throw new Error(`The type ${type.name} has no policy: add it to app/policies.ts.`);
    compileType(type, policy, reached);
  }
}

/**
 * Whether a type needs a policy of its own: the root types, and each type whose objects have an id, since an object
 * with an id can be asked for apart from the object that led to it. Every other type without a policy is a part.
 */
function needsPolicy(schema: GraphQLSchema, type: GraphQLObjectType): boolean {
  const { id } = type.getFields();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.includes(type) || (id !== undefined && getNamedType(id.type).name === 'ID');
}

function compileType(type: GraphQLObjectType, policy: TypePolicy, reached: TypesOfProjects): void {
  const fields = type.getFields();
  const declared = policy.kind === 'part' ? [] : Object.keys(policy.fields);
  const unknown = declared.filter((name) => fields[name] === undefined);
  if (unknown.length > 0) throw new Error(`${type.name} has no field ${unknown.join(', ')}, but a policy for it.`);
  for (const field of Object.values(fields)) {
    // The objects on a page were checked when the page was resolved.
    const guarded = reached.all.has(getNamedType(field.type).name) && !/(Connection|Edge)$/.test(type.name);
    const ofResult = guarded ? [guardResult(field, reached.ofProjects, reached.ofPages)] : [];
    switch (policy.kind) {
      case 'operations': {
        const needed = policy.fields[field.name];
        if (needed === undefined) throw new Error(`${type.name}.${field.name} has no policy.`);
        guard(field, ofResult);
        compileOperation(type.name, field, needed, field.resolve ?? defaultFieldResolver);
        break;
      }
      case 'ofProject':
      case 'ofServer': {
        const needed = policy.fields[field.name] ?? null;
        guard(field, needed === null ? ofResult : [...ofResult, guardField(needed)]);
        break;
      }
      case 'part':
        guard(field, ofResult);
        break;
      default:
        policy satisfies never;
    }
  }
}

function compileOperation(
  root: string,
  field: GraphQLField<unknown, GraphQLContext>,
  policy: OperationPolicy,
  resolve: Resolve,
): void {
  if (forAllOf(field) !== null) throw new Error(`${root}.${field.name} can't be resolved for many objects.`);
  const named = getNamedType(field.type);
  const answersProblems = isUnionType(named) && named.getTypes().some(({ name }) => name === 'Problems');
  const operation = { name: field.name, policy, answersProblems, changes: root === 'Mutation' };
  if (root !== 'Subscription') {
    field.resolve = async (source, given, context, info) => {
      const args = await withProjectSlug(policy, given, context);
      return authorizeOperation(operation, args, context, async () => resolve(source, args, context, info));
    };
    return;
  }
  const subscribe = field.subscribe;
  if (subscribe === undefined) throw new Error(`Subscription.${field.name} has no feed.`);
  field.resolve = resolve;
  field.subscribe = async (
    source: unknown,
    given: Record<string, unknown>,
    context: GraphQLContext,
    info: GraphQLResolveInfo,
  ) => {
    const args = await withProjectSlug(policy, given, context);
    let projectId: string | null = null;
    const feed = await authorizeOperation(operation, args, context, async (project) => {
      projectId = project;
      return subscribe(source, args, context, info);
    });
    return whileAllowed(feed as AsyncIterable<unknown>, context.rights, stillAllowed(policy, projectId));
  };
}

/** Whether a viewer may go on with a subscription. It lasts, so it keeps nothing else in memory. */
function stillAllowed({ needs }: OperationPolicy, projectId: string | null): (viewer: Viewer) => boolean {
  return (viewer) => {
    if (needs === 'SERVER') return mayAdministerServer(viewer);
    return needs === 'SIGN_IN' || (projectId !== null && may(viewer, needs, projectId));
  };
}

interface TypesOfProjects {
  /** By type, the scope that a viewer needs to reach an object of it. */
  readonly ofProjects: ReadonlyMap<string, Scope>;
  /** By page type, the scope that a viewer needs for the objects on the page. */
  readonly ofPages: ReadonlyMap<string, Scope>;
  /** These types, the unions and interfaces that hold them, and their page types. */
  readonly all: ReadonlySet<string>;
}

function typesOfProjects(schema: GraphQLSchema, policies: Policies): TypesOfProjects {
  const ofProjects = new Map(
    Object.entries(policies).flatMap(([name, policy]) =>
      policy.kind === 'ofProject' ? [[name, policy.reach] as const] : [],
    ),
  );
  const ofPages = new Map<string, Scope>();
  const all = new Set(ofProjects.keys());
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type) && schema.getPossibleTypes(type).some(({ name }) => ofProjects.has(name))) {
      all.add(type.name);
    }
    if (isObjectType(type) && type.name.endsWith('Connection')) {
      const { nodes } = type.getFields();
      const reach = nodes === undefined ? undefined : ofProjects.get(getNamedType(nodes.type).name);
      if (reach !== undefined) ofPages.set(type.name, reach);
    }
  }
  for (const name of ofPages.keys()) all.add(name);
  return { ofProjects, ofPages, all };
}
