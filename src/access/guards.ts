import {
  defaultFieldResolver,
  defaultTypeResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isAbstractType,
  isNullableType,
} from 'graphql';
import { forAll, forAllOf, type ResolveForAll } from '../graphql/execution/for-all.js';
import type { GraphQLContext } from './context.js';
import type { FieldPolicy } from './policy.js';
import { forbidden, lacksScope, needsAdministrator, notFound } from './refusals.js';
import type { Scope } from './rights.js';
import { may, mayAdministerServer, type Viewer } from './viewer.js';

type Resolve = GraphQLFieldResolver<unknown, GraphQLContext>;
type ForAll = ResolveForAll<unknown, GraphQLContext, unknown>;
/** By type, the scope that a viewer needs. */
type ReachOfTypes = ReadonlyMap<string, Scope>;

/** An object that belongs to a project, as resolvers return it. */
interface OfProject {
  readonly projectUuid: string;
}

/** What stands around the resolver of a field, and around the one for all objects, if the field has it. */
export interface Guard {
  one(resolve: Resolve): Resolve;
  all(resolve: ForAll): ForAll;
}

/** @param guards the innermost first; without any, the field is left as it is */
export function guard(field: GraphQLField<unknown, GraphQLContext>, guards: readonly Guard[]): void {
  for (const { one, all } of guards) {
    field.resolve = one(field.resolve ?? defaultFieldResolver);
    const resolveForAll = forAllOf(field);
    if (resolveForAll !== null) field.extensions = { ...field.extensions, ...forAll(all(resolveForAll)) };
  }
}

/** A field that needs a right beyond the one that its object needed. */
export function guardField(needed: Exclude<FieldPolicy, null>): Guard {
  const require = (source: unknown, { viewer }: GraphQLContext): void => {
    if (needed === 'SERVER') {
      if (!mayAdministerServer(viewer)) throw forbidden(needsAdministrator);
    } else {
      const { projectUuid } = source as OfProject;
      if (!may(viewer, needed, projectUuid)) throw forbidden(lacksScope(viewer, needed, projectUuid));
    }
  };
  return {
    one: (resolve) => (source, args, context, info) => {
      require(source, context);
      return resolve(source, args, context, info);
    },
    all: (resolve) => async (sources, args, context, info) => {
      const refusals = sources.map((source) => errorOf(() => require(source, context)));
      const allowed = sources.filter((_, i) => refusals[i] === null);
      const values = allowed.length === 0 ? [] : await resolve(allowed, args, context, info);
      if (values.length !== allowed.length) throw new Error('A field was not resolved for each of its objects.');
      let next = 0;
      return refusals.map((refusal) => refusal ?? values[next++]);
    },
  };
}

/**
 * A field that leads to objects of projects. Objects that the viewer may not read are hidden as if they did not exist.
 */
export function guardResult(
  field: GraphQLField<unknown, GraphQLContext>,
  ofProjects: ReachOfTypes,
  ofPages: ReachOfTypes,
): Guard {
  const named = getNamedType(field.type);
  const check = ofPages.has(named.name)
    ? checkPage(field.name, ofPages.get(named.name)!)
    : checkObjects(field, named, ofProjects);
  return {
    one: (resolve) => (source, args, context, info) =>
      whenThere(resolve(source, args, context, info), (result) => check(result, context, info)),
    all: (resolve) => (sources, args, context, info) =>
      whenThere(resolve(sources, args, context, info), (values) =>
        values.map((value) => {
          try {
            return whenThere(value, (result) => check(result, context, info));
          } catch (error) {
            return asError(error);
          }
        }),
      ),
  };
}

/** What a viewer gets of a field's result: itself, or null, or an error; at once where the result is there. */
type Check = (result: unknown, context: GraphQLContext, info: GraphQLResolveInfo) => unknown;

function checkPage(fieldName: string, reach: Scope): Check {
  return (result, { viewer }) => {
    const page = result as { readonly nodes: readonly unknown[] } | null;
    for (const node of page?.nodes ?? []) {
      if (!may(viewer, reach, (node as OfProject).projectUuid))
        throw notFound(`${fieldName}: an object on the page belongs to another project.`);
    }
    return page;
  };
}

function checkObjects(
  field: GraphQLField<unknown, GraphQLContext>,
  named: GraphQLNamedType,
  ofProjects: ReachOfTypes,
): Check {
  const isOfReach = (value: unknown, typeName: string | undefined, viewer: Viewer): boolean => {
    const reach = typeName === undefined ? undefined : ofProjects.get(typeName);
    if (reach === undefined) return true;
    const { projectUuid } = value as Partial<OfProject>;
    if (projectUuid === undefined) throw new Error(`An object of the type ${typeName} does not name its project.`);
    return may(viewer, reach, projectUuid);
  };
  const isReadable = (
    value: unknown,
    context: GraphQLContext,
    info: GraphQLResolveInfo,
  ): boolean | PromiseLike<boolean> => {
    if (value == null || value instanceof Error) return true;
    if (!isAbstractType(named)) return isOfReach(value, named.name, context.viewer);
    const typeName = (named.resolveType ?? defaultTypeResolver)(value, context, info, named);
    return whenThere(typeName, (name) => isOfReach(value, name, context.viewer));
  };
  const isNullable = isNullableType(field.type);
  return (result, context, info) => {
    if (Array.isArray(result)) {
      const readable = result.map((each) => isReadable(each, context, info));
      const only = (known: readonly unknown[]): unknown[] => result.filter((_, i) => known[i]);
      return readable.some(isPromiseLike) ? Promise.all(readable).then(only) : only(readable);
    }
    return whenThere(isReadable(result, context, info), (may) => {
      if (may) return result;
      if (isNullable) return null;
      throw notFound(`${field.name}: there is no such object, or you can not see it.`);
    });
  };
}

/** Goes on with a value: at once where it is there, for most are, and a promise for each object has its price. */
function whenThere<Value, Result>(value: Value | PromiseLike<Value>, go: (value: Value) => Result) {
  return isPromiseLike(value) ? value.then(go) : go(value);
}

function isPromiseLike<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function errorOf(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
