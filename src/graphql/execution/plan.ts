import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
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
import type { FieldPlan, PlainText, SelectionPlan, ValuePlan } from './field-plan.js';
import { forAllOf } from './for-all.js';
import { leafText } from './leaf-text.js';
import { plainText } from './plain-text.js';

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
  const isNullable = !isNonNullType(type);
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) {
    return withPlain({ kind: 'list', isNullable, item: planValue(selecting, nullable.ofType, nodes) });
  }
  if (isLeafType(nullable)) return withPlain({ kind: 'leaf', isNullable, type: nullable, text: leafText(nullable) });
  const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const plans = new Map<GraphQLObjectType, SelectionPlan>();
  const selectionOf = (of: GraphQLObjectType): SelectionPlan => {
    const known = plans.get(of);
    if (known !== undefined) return known;
    const plan = planSelection(selecting, of, selectionSets);
    plans.set(of, plan);
    return plan;
  };
  if (isAbstractType(nullable)) return withPlain({ kind: 'abstract', isNullable, type: nullable, selectionOf });
  return withPlain({ kind: 'object', isNullable, type: nullable, selection: () => selectionOf(nullable) });
}

type WithoutPlain<Plan> = Plan extends ValuePlan ? Omit<Plan, 'plain'> : never;

/** Its plain text is found when the first value comes: most fields of a document may never have one. */
function withPlain(plan: WithoutPlain<ValuePlan>): ValuePlan {
  let known: PlainText | null | undefined;
  const whole: ValuePlan = {
    ...plan,
    plain: () => {
      if (known === undefined) known = plainText(whole);
      return known;
    },
  };
  return whole;
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
