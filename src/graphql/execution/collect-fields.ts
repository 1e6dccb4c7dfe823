import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
  visit,
} from 'graphql';

/** What is the same for all selections of an operation, once it is known which of its conditions hold. */
export interface Selecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The values of the variables that `@skip` and `@include` ask for. */
  readonly conditions: Readonly<Record<string, unknown>>;
}

/**
 * The fields that selection sets have for an object type, by the name in the answer, in the answer's order:
 * CollectFields of the specification.
 */
export function collectFields(
  selecting: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const { schema, fragments } = selecting;

  const applies = (condition: NamedTypeNode | undefined): boolean => {
    if (condition === undefined) return true;
    const conditional = typeFromAST(schema, condition);
    return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type));
  };
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (!isIncluded(selecting, selection)) continue;
      switch (selection.kind) {
        case Kind.FIELD: {
          const name = selection.alias?.value ?? selection.name.value;
          const known = fields.get(name);
          if (known === undefined) fields.set(name, [selection]);
          else known.push(selection);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          if (applies(selection.typeCondition)) collect(selection.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const fragment = fragments[name];
          if (fragment === undefined || spread.has(name)) break;
          spread.add(name);
          if (applies(fragment.typeCondition)) collect(fragment.selectionSet);
          break;
        }
        default:
          selection satisfies never;
      }
    }
  };
  for (const selectionSet of selectionSets) collect(selectionSet);
  return fields;
}

function isIncluded({ conditions }: Selecting, selection: SelectionNode): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, selection, conditions)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, conditions)?.if !== false;
}

/** The names of the variables that a document's `@skip` and `@include` ask for. */
export function conditionsIn(document: Parameters<typeof visit>[0]): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name) return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
