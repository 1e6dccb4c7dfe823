import {
  defaultTypeResolver,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  isObjectType,
  locatedError,
} from 'graphql';
import type { FieldPlan, OperationPlan, SelectionPlan, ValuePlan } from './plan.js';

type Container = Record<string | number, unknown>;

/**
 * A value of the answer that holds others, on the way from a field to the root. It has the form of graphql-js's paths,
 * so that it is one.
 */
class Place {
  /** Whether the answer has null here, or above, because of an error: what comes below it counts no more. */
  isGone = false;

  /** @param container the object or list of the answer that has the value at `key` */
  constructor(
    readonly prev: Place | undefined,
    readonly key: string | number,
    readonly typename: string | undefined,
    readonly container: Container,
    readonly isNullable: boolean,
  ) {}
}

/** What a resolver is told of its field. Most read nothing of it, so each part is found when it is asked for. */
class FieldInfo implements GraphQLResolveInfo {
  constructor(
    private readonly run: Run,
    private readonly field: FieldPlan,
    private readonly place: Place | undefined,
  ) {}

  get fieldName() {
    return this.field.definition.name;
  }
  get fieldNodes() {
    return this.field.nodes;
  }
  get returnType() {
    return this.field.definition.type;
  }
  get parentType() {
    return this.field.parentType;
  }
  get path() {
    return { prev: this.place, key: this.field.responseName, typename: this.field.parentType.name };
  }
  get schema() {
    return this.run.plan.schema;
  }
  get fragments() {
    return this.run.plan.fragments;
  }
  get rootValue() {
    return this.run.rootValue;
  }
  get operation() {
    return this.run.plan.operation;
  }
  get variableValues() {
    return this.run.variables as Record<string, unknown>;
  }
}

/** The answer of an operation, before its errors are masked. */
export interface Answer {
  readonly errors?: readonly GraphQLError[];
  readonly data: Record<string, unknown> | null;
}

/**
 * One execution of a planned operation, which answers as graphql-js does. Values are written into the answer where they
 * belong as they come, and the last one ends it: a value that is there at once costs no promise, and one that is
 * awaited costs one, where graphql-js has promises for each object and list above it.
 */
export class Run {
  private readonly errors: GraphQLError[] = [];
  private readonly given = new Map<FieldPlan, Record<string, unknown>>();
  private data: Record<string, unknown> | null = {};
  private awaited = 0;
  private end: ((answer: Answer) => void) | null = null;

  /** @param variables coerced */
  constructor(
    readonly plan: OperationPlan,
    readonly rootValue: unknown,
    readonly contextValue: unknown,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  /** Runs the operation. Never rejects. @param root the fields of its root, as its plan has them for the variables */
  answer(root: SelectionPlan): Answer | Promise<Answer> {
    this.select(root, this.rootValue, undefined, this.data as Container);
    if (this.awaited === 0) return this.whole();
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }

  private whole(): Answer {
    return this.errors.length === 0 ? { data: this.data } : { errors: this.errors, data: this.data };
  }

  private select(selection: SelectionPlan, source: unknown, place: Place | undefined, out: Container): void {
    for (const field of selection) {
      // An error of a field before it has taken the whole object away.
      if (this.isGone(place)) return;
      this.resolve(field, source, place, out);
    }
  }

  private resolve(field: FieldPlan, source: unknown, place: Place | undefined, out: Container): void {
    const { responseName, value } = field;
    let result: unknown;
    try {
      if (field.resolve !== null) {
        result = field.resolve(source, this.argumentsOf(field), this.contextValue, new FieldInfo(this, field, place));
      } else if ((typeof source === 'object' && source !== null) || typeof source === 'function') {
        result = (source as Container)[field.definition.name];
        if (typeof result === 'function') {
          result = (source as Record<string, (...parameters: unknown[]) => unknown>)[field.definition.name]!(
            this.argumentsOf(field),
            this.contextValue,
            new FieldInfo(this, field, place),
          );
        }
      }
    } catch (error) {
      this.fail(field, error, place, out, responseName, value.isNullable);
      return;
    }
    this.complete(field, value, result, place, out, responseName);
  }

  /** The same object for each object that has the field: resolvers do not change what they are given. */
  private argumentsOf(field: FieldPlan): Record<string, unknown> {
    const known = this.given.get(field);
    if (known !== undefined) return known;
    const values = getArgumentValues(field.definition, field.nodes[0]!, this.variables);
    this.given.set(field, values);
    return values;
  }

  /** Writes a value of a field, or of a list within it, into the answer: at once, or when it has come. */
  private complete(
    field: FieldPlan,
    plan: ValuePlan,
    value: unknown,
    place: Place | undefined,
    out: Container,
    key: string | number,
  ): void {
    if (isPromise(value)) {
      this.await(field, plan, value, place, out, key, (come) => this.complete(field, plan, come, place, out, key));
      return;
    }
    try {
      if (value instanceof Error) throw value;
      if (value === null || value === undefined) {
        if (!plan.isNullable) {
          const name = `${field.parentType.name}.${field.definition.name}`;
          throw new Error(`Cannot return null for non-nullable field ${name}.`);
        }
        out[key] = null;
        return;
      }
      switch (plan.kind) {
        case 'leaf': {
          const serialized = plan.type.serialize(value);
          if (serialized === null || serialized === undefined) {
            throw new Error(`A value of the type ${plan.type.name} has no form in an answer.`);
          }
          out[key] = serialized;
          return;
        }
        case 'list':
          this.list(field, plan, value, place, out, key);
          return;
        case 'object':
          this.object(field, plan, plan.type, plan.selection(), value, place, out, key);
          return;
        case 'abstract': {
          const info = new FieldInfo(this, field, place);
          const resolveType = plan.type.resolveType ?? defaultTypeResolver;
          const named = resolveType(value, this.contextValue, info, plan.type);
          const go = (name: unknown): void => {
            const type = this.runtimeType(plan, name);
            this.object(field, plan, type, plan.selectionOf(type), value, place, out, key);
          };
          if (isPromise(named)) this.await(field, plan, named, place, out, key, go);
          else go(named);
          return;
        }
        default:
          plan satisfies never;
      }
    } catch (error) {
      this.fail(field, error, place, out, key, plan.isNullable);
    }
  }

  private list(
    field: FieldPlan,
    plan: ValuePlan & { readonly kind: 'list' },
    value: unknown,
    place: Place | undefined,
    out: Container,
    key: string | number,
  ): void {
    if (typeof value !== 'object' || typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function') {
      const name = `${field.parentType.name}.${field.definition.name}`;
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${name}".`);
    }
    const items: unknown[] = [];
    const own = new Place(place, key, typenameAt(field, key), out, plan.isNullable);
    out[key] = items;
    let index = 0;
    for (const item of value as Iterable<unknown>) {
      if (this.isGone(own)) {
        // Nobody awaits it any more, and its error must not count as unhandled.
        if (isPromise(item)) item.then(undefined, () => undefined);
        continue;
      }
      // The place is taken, whenever the item comes.
      items.push(null);
      this.complete(field, plan.item, item, own, items as unknown as Container, index);
      index += 1;
    }
  }

  private object(
    field: FieldPlan,
    plan: ValuePlan,
    type: GraphQLObjectType,
    selection: SelectionPlan,
    value: unknown,
    place: Place | undefined,
    out: Container,
    key: string | number,
  ): void {
    const go = (isOne: unknown): void => {
      if (isOne === false)
        throw new Error(`A value of ${field.parentType.name}.${field.definition.name} is no ${type.name}.`);
      const own: Container = {};
      out[key] = own;
      this.select(selection, value, new Place(place, key, typenameAt(field, key), out, plan.isNullable), own);
    };
    const isOne = type.isTypeOf?.(value, this.contextValue, new FieldInfo(this, field, place)) ?? true;
    if (isPromise(isOne)) this.await(field, plan, isOne, place, out, key, go);
    else go(isOne);
  }

  private runtimeType({ type }: ValuePlan & { readonly kind: 'abstract' }, name: unknown): GraphQLObjectType {
    const { schema } = this.plan;
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found)) {
      throw new Error(`A value of the type ${type.name} is of ${String(name)}, which is none of its possible types.`);
    }
    return found;
  }

  /** Goes on with a value when it has come, and ends the answer with the last one. */
  private await(
    field: FieldPlan,
    plan: ValuePlan,
    value: PromiseLike<unknown>,
    place: Place | undefined,
    out: Container,
    key: string | number,
    go: (come: unknown) => void,
  ): void {
    // The answer has its fields in the order of the operation, in whichever order they come.
    out[key] = null;
    this.awaited += 1;
    const settle = (work: () => void): void => {
      try {
        if (!this.isGone(place)) work();
      } catch (error) {
        this.fail(field, error, place, out, key, plan.isNullable);
      }
      this.awaited -= 1;
      if (this.awaited === 0) this.end?.(this.whole());
    };
    value.then(
      (come) => settle(() => go(come)),
      (error) =>
        settle(() => {
          throw error;
        }),
    );
  }

  /** Adds the error of a field, and makes null what can be: the value itself, or the nearest one above it. */
  private fail(
    { nodes, parentType }: FieldPlan,
    error: unknown,
    place: Place | undefined,
    out: Container,
    key: string | number,
    isNullable: boolean,
  ): void {
    if (this.isGone(place)) return;
    const typename = typeof key === 'string' ? parentType.name : undefined;
    const path = { prev: place, key, typename };
    this.errors.push(locatedError(error, nodes as never, pathToArray(path)));
    if (isNullable) {
      out[key] = null;
      return;
    }
    let above = place;
    while (above !== undefined && !above.isNullable) above = above.prev;
    if (above === undefined) this.data = null;
    else {
      above.isGone = true;
      above.container[above.key] = null;
    }
  }

  /** Whether an error has made null of a place, or of one above it. */
  private isGone(place: Place | undefined): boolean {
    if (this.errors.length === 0) return false;
    for (let at = place; at !== undefined; at = at.prev) if (at.isGone) return true;
    return this.data === null;
  }
}

function typenameAt({ parentType }: FieldPlan, key: string | number): string | undefined {
  return typeof key === 'string' ? parentType.name : undefined;
}

function pathToArray(path: GraphQLResolveInfo['path']): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: typeof path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key);
  return keys.reverse();
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
