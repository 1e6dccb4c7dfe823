import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { collectFields, conditionsIn, type Selecting } from './collect-fields.js';
import { forAllOf, type ResolveForAll } from './for-all.js';
import { type LeafText, leafText } from './leaf-text.js';

/** A field of an operation at one place of it, with all of it that is the same for each object. */
export interface FieldPlan {
  readonly responseName: string;
  /** Its place among the fields of its selection. */
  readonly at: number;
  /** What stands before its value in JSON: the comma after another field, its name and a colon. */
  readonly prefix: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
  /** Null: the value is the property of the field's name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  /** Resolves it for many objects at once; null: object by object. */
  readonly resolveForAll: ResolveForAll<unknown, unknown, unknown> | null;
  readonly value: ValuePlan;
}

/** How a value of a field, or an item of a list, becomes a part of the answer. */
export type ValuePlan = { readonly isNullable: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType; readonly text: LeafText }
  | { readonly kind: 'list'; readonly item: ValuePlan }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType; readonly selection: () => SelectionPlan }
  | {
      readonly kind: 'abstract';
      readonly type: GraphQLAbstractType;
      readonly selectionOf: (type: GraphQLObjectType) => SelectionPlan;
    }
);

/** The fields of an object type that an operation selects at one place, in the answer's order. */
export type SelectionPlan = readonly FieldPlan[];

/** A name that means the prototype, where objects are made of answers. */
const unsafeName = '__proto__';
/** How many combinations of conditions an operation's plans are kept for. */
const maxCombinations = 16;

/** An operation, planned piece by piece as its objects come, for each combination of its conditions. */
export class OperationPlan {
  private readonly conditions: readonly string[];
  private readonly roots = new Map<string, SelectionPlan>();

  constructor(
    readonly schema: GraphQLSchema,
    readonly operation: OperationDefinitionNode,
    readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>,
    document: DocumentNode,
  ) {
    // A document may have other operations, with variables of their own.
    const own = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
    this.conditions = conditionsIn(document).filter((name) => own.has(name));
  }

  /**
   * The fields of the operation's root; null where a condition is neither true nor false, as it is for a client that
   * sends null in place of a default: the field that has the condition is then an error.
   *
   * @param variables coerced
   */
  rootFor(variables: Readonly<Record<string, unknown>>): SelectionPlan | null {
    if (this.conditions.some((name) => typeof variables[name] !== 'boolean')) return null;
    const key = this.conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const known = this.roots.get(key);
    if (known !== undefined) return known;
    const conditions = Object.fromEntries(this.conditions.map((name) => [name, variables[name]]));
    const selecting = { schema: this.schema, fragments: this.fragments, conditions };
    const rootType = this.schema.getRootType(this.operation.operation)!;
    const root = planSelection(selecting, rootType, [this.operation.selectionSet]);
    if (this.roots.size < maxCombinations) this.roots.set(key, root);
    return root;
  }
}

/** The operation of a document that has this name; null: graphql-js has to say what is wrong with it. */
export function planOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationPlan | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  const found: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (operationName == null || definition.name?.value === operationName) found.push(definition);
  }
  const [operation] = found;
  return operation === undefined || found.length > 1 || document.loc?.source.body.includes(unsafeName) !== false
    ? null
    : new OperationPlan(schema, operation, fragments, document);
}

function planSelection(
  selecting: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): SelectionPlan {
  const fields: FieldPlan[] = [];
  for (const [responseName, nodes] of collectFields(selecting, type, selectionSets)) {
    const definition = definitionOf(selecting.schema, type, nodes[0]!.name.value);
    if (definition === undefined) continue;
    const { resolve } = definition;
    const isPlain = resolve === undefined || resolve === defaultFieldResolver;
    const at = fields.length;
    fields.push({
      responseName,
      at,
      prefix: `${at === 0 ? '' : ','}${JSON.stringify(responseName)}:`,
      nodes,
      definition,
      parentType: type,
      resolve: isPlain ? null : resolve,
      resolveForAll: forAllOf(definition),
      value: planValue(selecting, definition.type, nodes),
    });
  }
  return fields;
}

function planValue(selecting: Selecting, type: GraphQLOutputType, nodes: readonly FieldNode[]): ValuePlan {
  if (isNonNullType(type)) return { ...planValue(selecting, type.ofType, nodes), isNullable: false };
  if (isListType(type)) return { kind: 'list', isNullable: true, item: planValue(selecting, type.ofType, nodes) };
  if (isLeafType(type)) return { kind: 'leaf', isNullable: true, type, text: leafText(type) };
  const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const plans = new Map<GraphQLObjectType, SelectionPlan>();
  const selectionOf = (of: GraphQLObjectType): SelectionPlan => {
    const known = plans.get(of);
    if (known !== undefined) return known;
    const plan = planSelection(selecting, of, selectionSets);
    plans.set(of, plan);
    return plan;
  };
  if (isAbstractType(type)) return { kind: 'abstract', isNullable: true, type, selectionOf };
  return { kind: 'object', isNullable: true, type, selection: () => selectionOf(type) };
}

function definitionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}
