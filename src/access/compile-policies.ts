import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isNullableType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { authorizeOperation } from './authorize-operation.js';
import type { GraphQLContext } from './context.js';
import { type FieldPolicy, type OperationPolicy, type Policies, part, type TypePolicy } from './policy.js';
import { withProjectSlug } from './project-slug.js';
import { forbidden, lacksScope, needsAdministrator, notFound } from './refusals.js';
import type { Scope } from './rights.js';
import { may, mayAdministerServer, type Viewer } from './viewer.js';
import { whileAllowed } from './while-allowed.js';

type Resolve = GraphQLFieldResolver<unknown, GraphQLContext>;

/** An object that belongs to a project, as resolvers return it. */
interface OfProject {
  readonly projectUuid: string;
}

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
    const resolve: Resolve = guarded
      ? guardResult(field, reached.ofProjects, reached.ofPages)
      : (field.resolve ?? defaultFieldResolver);
    switch (policy.kind) {
      case 'operations': {
        const needed = policy.fields[field.name];
        if (needed === undefined) throw new Error(`${type.name}.${field.name} has no policy.`);
        compileOperation(type.name, field, needed, resolve);
        break;
      }
      case 'ofProject':
      case 'ofServer': {
        const needed = policy.fields[field.name] ?? null;
        if (needed !== null) field.resolve = guardField(needed, resolve);
        else if (guarded) field.resolve = resolve;
        break;
      }
      case 'part':
        if (guarded) field.resolve = resolve;
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

/** A field that needs a right beyond the one that its object needed. */
function guardField(needed: Exclude<FieldPolicy, null>, resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    const { viewer } = context;
    if (needed === 'SERVER') {
      if (!mayAdministerServer(viewer)) throw forbidden(needsAdministrator);
    } else {
      const { projectUuid } = source as OfProject;
      if (!may(viewer, needed, projectUuid)) throw forbidden(lacksScope(viewer, needed, projectUuid));
    }
    return resolve(source, args, context, info);
  };
}

/**
 * A field that leads to objects of projects. Objects that the viewer may not read are hidden as if they did not exist.
 */
function guardResult(
  field: GraphQLField<unknown, GraphQLContext>,
  ofProjects: TypesOfProjects['ofProjects'],
  ofPages: TypesOfProjects['ofPages'],
): Resolve {
  const resolve: Resolve = field.resolve ?? defaultFieldResolver;
  const named = getNamedType(field.type);
  const isReadable = async (value: unknown, context: GraphQLContext, info: GraphQLResolveInfo): Promise<boolean> => {
    if (value == null) return true;
    const typeName = isAbstractType(named) ? await named.resolveType?.(value, context, info, named) : named.name;
    const reach = typeName === undefined ? undefined : ofProjects.get(typeName);
    if (reach === undefined) return true;
    const { projectUuid } = value as Partial<OfProject>;
    if (projectUuid === undefined) throw new Error(`An object of the type ${typeName} does not name its project.`);
    return may(context.viewer, reach, projectUuid);
  };
  const reachOfPage = ofPages.get(named.name);
  if (reachOfPage !== undefined) {
    return async (source, args, context, info) => {
      const page = (await resolve(source, args, context, info)) as { readonly nodes: readonly unknown[] } | null;
      for (const node of page?.nodes ?? []) {
        if (!may(context.viewer, reachOfPage, (node as OfProject).projectUuid))
          throw notFound(`${field.name}: an object on the page belongs to another project.`);
      }
      return page;
    };
  }
  return async (source, args, context, info) => {
    const result: unknown = await resolve(source, args, context, info);
    if (Array.isArray(result)) {
      const readable = await Promise.all(result.map((each) => isReadable(each, context, info)));
      return result.filter((_, i) => readable[i]);
    }
    if (await isReadable(result, context, info)) return result;
    if (isNullableType(info.returnType)) return null;
    throw notFound(`${field.name}: there is no such object, or you can not see it.`);
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
