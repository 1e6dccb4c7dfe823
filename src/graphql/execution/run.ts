import {
  defaultTypeResolver,
  GraphQLError,
  type GraphQLObjectType,
  getArgumentValues,
  isObjectType,
  locatedError,
} from 'graphql';
import { type Answer, AnswerObject, AnswerText, Holder, jsonOf } from './answer.js';
import { FieldInfo } from './field-info.js';
import type { FieldPlan, PlainText, SelectionPlan, ValuePlan } from './field-plan.js';
import type { OperationPlan } from './plan.js';

type Properties = Record<string, unknown>;
type Plan<Kind extends ValuePlan['kind']> = ValuePlan & { readonly kind: Kind };

/** Values of one field at one place of an operation, each with where it belongs in the answer. */
class Group {
  readonly values: unknown[] = [];
  readonly holders: Holder[] = [];
  readonly ats: number[] = [];

  push(value: unknown, holder: Holder, at: number): void {
    this.values.push(value);
    this.holders.push(holder);
    this.ats.push(at);
  }
}

/** Stands for a value that came as an error, which has been told. */
const failed = Symbol('failed');

/**
 * One execution of a planned operation, which answers as graphql-js does. It goes field by field, each for all objects
 * at its place of the operation, and not object by object: what fields have in common is done once, a field that can
 * be resolved for all objects is resolved by one call, and values that are awaited are awaited together. Leaves are
 * written as JSON at once, and the answer's objects are lists of values, whose names the plan has.
 */
export class Run {
  private readonly errors: GraphQLError[] = [];
  private readonly given = new Map<FieldPlan, Record<string, unknown>>();
  /** The root alone. */
  private readonly top: unknown[] = [null];
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
    const object = new AnswerObject(null, 0, '', undefined, true, root);
    this.top[0] = object;
    this.select(root, [this.rootValue], [object]);
    if (this.awaited === 0) return this.whole();
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }

  private whole(): Answer {
    const [root] = this.top;
    const data = root === null ? null : new AnswerText(jsonOf(root));
    return this.errors.length === 0 ? { data } : { errors: this.errors, data };
  }

  private select(selection: SelectionPlan, sources: readonly unknown[], objects: readonly AnswerObject[]): void {
    if (objects.length === 0) return;
    for (const field of selection) {
      // Errors of fields before it may have taken objects away.
      if (this.errors.length > 0) {
        const left = objects.flatMap((object, i) => (this.isGone(object) ? [] : [i]));
        const of = <Value>(values: readonly Value[]): Value[] => left.map((i) => values[i]!);
        this.resolve(field, of(sources), of(objects));
      } else this.resolve(field, sources, objects);
    }
  }

  private resolve(field: FieldPlan, sources: readonly unknown[], objects: readonly AnswerObject[]): void {
    if (objects.length === 0) return;
    const { at, value } = field;
    if (field.resolveForAll !== null) {
      this.resolveForAll(field, field.resolveForAll, sources, objects);
      return;
    }
    const group = new Group();
    for (let i = 0; i < objects.length; i += 1) {
      const object = objects[i]!;
      try {
        const found = this.valueOf(field, sources[i], object);
        // Most values are leaves that are there.
        if (value.kind === 'leaf' && found !== undefined && (typeof found !== 'object' || found instanceof Date)) {
          object.values[at] = value.text(found);
        } else group.push(found, object, at);
      } catch (error) {
        this.fail(field, error, object, at, value.isNullable);
      }
    }
    this.complete(field, value, group);
  }

  private valueOf(field: FieldPlan, source: unknown, object: AnswerObject): unknown {
    const { resolve } = field;
    if (resolve !== null)
      return resolve(source, this.argumentsOf(field), this.contextValue, new FieldInfo(this, field, object));
    if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return undefined;
    const { name } = field.definition;
    const value = (source as Properties)[name];
    if (typeof value !== 'function') return value;
    const method = source as Record<string, (...parameters: unknown[]) => unknown>;
    return method[name]!(this.argumentsOf(field), this.contextValue, new FieldInfo(this, field, object));
  }

  private resolveForAll(
    field: FieldPlan,
    resolve: NonNullable<FieldPlan['resolveForAll']>,
    sources: readonly unknown[],
    objects: readonly AnswerObject[],
  ): void {
    const failAll = (error: unknown): void => {
      for (const object of objects) this.fail(field, error, object, field.at, field.value.isNullable);
    };
    const go = (values: readonly unknown[]): void => {
      if (values.length !== sources.length) {
        throw new Error(
          `${field.parentType.name}.${field.definition.name} was resolved for ${values.length} of ${sources.length} objects.`,
        );
      }
      const group = new Group();
      for (let i = 0; i < objects.length; i += 1) group.push(values[i], objects[i]!, field.at);
      this.complete(field, field.value, group);
    };
    try {
      const info = new FieldInfo(this, field, objects[0]!);
      const values = resolve(sources, this.argumentsOf(field), this.contextValue, info);
      if (isPromise(values)) this.whenCome(values, go, failAll);
      else go(values);
    } catch (error) {
      failAll(error);
    }
  }

  /** The same object for each object that has the field: resolvers do not change what they are given. */
  private argumentsOf(field: FieldPlan): Record<string, unknown> {
    const known = this.given.get(field);
    if (known !== undefined) return known;
    const values = getArgumentValues(field.definition, field.nodes[0]!, this.variables);
    this.given.set(field, values);
    return values;
  }

  /** Writes values of a field, or of lists within it, into the answer: at once, or when all have come. */
  private complete(field: FieldPlan, plan: ValuePlan, all: Group): void {
    if (all.values.some(isPromise)) {
      this.await(field, plan, all, (come) => this.complete(field, plan, come));
      return;
    }
    const plain = plan.plain();
    const group = plain === null ? all : writePlain(plain, all);
    if (group.values.length === 0) return;
    switch (plan.kind) {
      case 'leaf':
        this.each(field, plan, group, (value, holder, at) => {
          holder.values[at] = plan.text(value);
        });
        return;
      case 'list':
        this.lists(field, plan, group);
        return;
      case 'object':
        this.objects(field, plan, plan.type, plan.selection(), group);
        return;
      case 'abstract':
        this.abstracts(field, plan, group);
        return;
      default:
        plan satisfies never;
    }
  }

  /** Works on each value that is there; null is written, and what is an error, or throws, becomes one of the answer. */
  private each(
    field: FieldPlan,
    { isNullable }: ValuePlan,
    { values, holders, ats }: Group,
    work: (value: unknown, holder: Holder, at: number) => void,
  ): void {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      const holder = holders[i]!;
      const at = ats[i]!;
      if (this.isGone(holder)) continue;
      try {
        if (value instanceof Error) throw value;
        if (value !== null && value !== undefined) work(value, holder, at);
        else if (isNullable) holder.values[at] = null;
        else {
          const name = `${field.parentType.name}.${field.definition.name}`;
          throw new Error(`Cannot return null for non-nullable field ${name}.`);
        }
      } catch (error) {
        this.fail(field, error, holder, at, isNullable);
      }
    }
  }

  private lists(field: FieldPlan, plan: Plan<'list'>, group: Group): void {
    const items = new Group();
    this.each(field, plan, group, (value, holder, at) => {
      if (typeof value !== 'object' || typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function') {
        const name = `${field.parentType.name}.${field.definition.name}`;
        throw new GraphQLError(`Expected Iterable, but did not find one for field "${name}".`);
      }
      const [key, typename] = this.keyAt(field, holder, at);
      const list = new Holder(holder, at, key, typename, plan.isNullable, true, []);
      holder.values[at] = list.values;
      try {
        for (const item of value as Iterable<unknown>) {
          items.push(item, list, list.values.length);
          // The place is taken, whenever the item comes.
          list.values.push(null);
        }
      } catch (error) {
        // Those that it gave before are still awaited, so that none of their errors counts as unhandled.
        list.isGone = true;
        throw error;
      }
    });
    this.complete(field, plan.item, items);
  }

  private objects(
    field: FieldPlan,
    plan: ValuePlan,
    type: GraphQLObjectType,
    selection: SelectionPlan,
    group: Group,
  ): void {
    const selectAll = (decided: Group): void => {
      const sources: unknown[] = [];
      const objects: AnswerObject[] = [];
      this.each(field, plan, decided, (value, holder, at) => {
        const [key, typename] = this.keyAt(field, holder, at);
        const object = new AnswerObject(holder, at, key, typename, plan.isNullable, selection);
        holder.values[at] = object;
        sources.push(value);
        objects.push(object);
      });
      this.select(selection, sources, objects);
    };
    const { isTypeOf } = type;
    if (isTypeOf == null) {
      selectAll(group);
      return;
    }
    const refuse = (): never => {
      throw new Error(`A value of ${field.parentType.name}.${field.definition.name} is no ${type.name}.`);
    };
    const decided = new Group();
    const undecided = new Group();
    this.each(field, plan, group, (value, holder, at) => {
      const isOne = isTypeOf(value, this.contextValue, new FieldInfo(this, field, holder));
      if (isPromise(isOne))
        undecided.push(
          isOne.then((is) => (is === false ? refuse() : value)),
          holder,
          at,
        );
      else if (isOne === false) refuse();
      else decided.push(value, holder, at);
    });
    selectAll(decided);
    this.await(field, plan, undecided, selectAll);
  }

  private abstracts(field: FieldPlan, plan: Plan<'abstract'>, group: Group): void {
    const { type } = plan;
    const resolveType = type.resolveType ?? defaultTypeResolver;
    const undecided = new Group();
    const decide = (groupOfPairs: Group): void => {
      const byType = new Map<GraphQLObjectType, Group>();
      this.each(field, plan, groupOfPairs, (pair, holder, at) => {
        const { decision, value } = pair as Decided;
        const found = this.runtimeType(plan, decision);
        const ofType = byType.get(found) ?? new Group();
        byType.set(found, ofType);
        ofType.push(value, holder, at);
      });
      for (const [found, ofType] of byType) this.objects(field, plan, found, plan.selectionOf(found), ofType);
    };
    this.each(field, plan, group, (value, holder, at) => {
      const named = resolveType(value, this.contextValue, new FieldInfo(this, field, holder), type);
      undecided.push(isPromise(named) ? withValue(named, value) : { decision: named, value }, holder, at);
    });
    if (undecided.values.some(isPromise)) this.await(field, plan, undecided, decide);
    else decide(undecided);
  }

  private runtimeType({ type }: Plan<'abstract'>, name: unknown): GraphQLObjectType {
    const { schema } = this.plan;
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found)) {
      throw new Error(`A value of the type ${type.name} is of ${String(name)}, which is none of its possible types.`);
    }
    return found;
  }

  /** Goes on with the values of a group when all have come. */
  private await(field: FieldPlan, plan: ValuePlan, group: Group, go: (come: Group) => void): void {
    const { values, holders, ats } = group;
    if (values.length === 0) return;
    const come = [...values];
    let left = 0;
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i];
        if (!isPromise(value)) continue;
        left += 1;
        const settle = (known: unknown): void => {
          come[i] = known;
          left -= 1;
          if (left === 0) resolve();
        };
        value.then(settle, (error) => {
          this.fail(field, error, holders[i]!, ats[i]!, plan.isNullable);
          settle(failed);
        });
      }
    });
    this.whenCome(all, () => {
      const there = new Group();
      for (let i = 0; i < come.length; i += 1) if (come[i] !== failed) there.push(come[i], holders[i]!, ats[i]!);
      go(there);
    });
  }

  /** Goes on when a promise has settled, and ends the answer with the last one. */
  private whenCome<Value>(
    promise: PromiseLike<Value>,
    go: (value: Value) => void,
    fail?: (error: unknown) => void,
  ): void {
    this.awaited += 1;
    const settle = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        fail?.(error);
      }
      this.awaited -= 1;
      if (this.awaited === 0) this.end?.(this.whole());
    };
    promise.then(
      (value) => settle(() => go(value)),
      (error) => settle(() => fail?.(error)),
    );
  }

  /** Adds the error of a field, and makes null what can be: the value itself, or the nearest one above it. */
  private fail(field: FieldPlan, error: unknown, holder: Holder, at: number, isNullable: boolean): void {
    if (this.isGone(holder)) return;
    const [key] = this.keyAt(field, holder, at);
    this.errors.push(locatedError(error, field.nodes as never, holder.pathTo(key)));
    if (isNullable) {
      holder.values[at] = null;
      return;
    }
    let gone = holder;
    while (gone.above !== null && !gone.isNullable) gone = gone.above;
    gone.isGone = true;
    (gone.above?.values ?? this.top)[gone.at] = null;
  }

  /** The key of a value in the answer, and for a field the type that has it. */
  private keyAt(field: FieldPlan, holder: Holder, at: number): [key: string | number, typename: string | undefined] {
    return holder.isList ? [at, undefined] : [field.responseName, field.parentType.name];
  }

  /** Whether an error has made null of a holder, or of one above it. */
  private isGone(holder: Holder): boolean {
    if (this.errors.length === 0) return false;
    for (let at: Holder | null = holder; at !== null; at = at.above) if (at.isGone) return true;
    return false;
  }
}

/** Writes those values that are plain. @returns the others */
function writePlain(plain: PlainText, { values, holders, ats }: Group): Group {
  const others = new Group();
  for (let i = 0; i < values.length; i += 1) {
    let text: string | null = null;
    try {
      text = plain(values[i]);
    } catch {
      // The execution comes upon the same error, and tells it.
    }
    if (text === null) others.push(values[i], holders[i]!, ats[i]!);
    else holders[i]!.values[ats[i]!] = text;
  }
  return others;
}

/** What was decided of a value. */
interface Decided {
  readonly decision: unknown;
  readonly value: unknown;
}

async function withValue(decision: PromiseLike<unknown>, value: unknown): Promise<Decided> {
  return { decision: await decision, value };
}

function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
