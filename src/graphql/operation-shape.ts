import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What can be seen of an operation without a schema. Counts are as often as fragments repeat things. */
export interface OperationShape {
  /** Nesting of fields. Those of introspection have a depth of their own. */
  readonly depth: number;
  /** Nesting of fields under `__schema` and `__type`: the standard query goes far deeper than any other operation. */
  readonly introspectionDepth: number;
  /** Of `__typename` as well. */
  readonly aliases: number;
  readonly directives: number;
  /** Fields that are written again in the same braces: they change nothing, and cost all the same. */
  readonly repeatedFields: number;
}

const nothing: OperationShape = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, repeatedFields: 0 };
/** Spreads in spreads multiply beyond what a number holds. */
const countless = 1_000_000_000;

/** Measures an operation of a document, which need not be valid: fragments may be missing, or spread themselves. */
export function measureShape(document: DocumentNode, operation: OperationDefinitionNode): OperationShape {
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const variableDirectives = operation.variableDefinitions?.reduce((sum, each) => sum + count(each.directives), 0) ?? 0;
  const shape = new Measurement(fragments).ofSelections(operation.selectionSet);
  return { ...shape, directives: shape.directives + count(operation.directives) + variableDirectives };
}

class Measurement {
  /** Each fragment is measured once: spreads in spreads would take exponential time. */
  private readonly measured = new Map<string, OperationShape>();

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  ofSelections({ selections }: SelectionSetNode): OperationShape {
    return selections.reduce((sum, selection) => add(sum, this.ofSelection(selection)), {
      ...nothing,
      repeatedFields: countRepeated(selections),
    });
  }

  private ofSelection(selection: SelectionNode): OperationShape {
    const own = { ...nothing, directives: count(selection.directives) };
    switch (selection.kind) {
      case Kind.FIELD: {
        const aliases = selection.alias === undefined ? 0 : 1;
        const inner = selection.selectionSet === undefined ? nothing : this.ofSelections(selection.selectionSet);
        return { ...add(own, inner), ...depths(selection.name.value, inner), aliases: inner.aliases + aliases };
      }
      case Kind.INLINE_FRAGMENT:
        return add(own, this.ofSelections(selection.selectionSet));
      case Kind.FRAGMENT_SPREAD:
        return add(own, this.ofFragment(selection.name.value));
      default:
        return selection satisfies never;
    }
  }

  private ofFragment(name: string): OperationShape {
    const known = this.measured.get(name);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return nothing;
    // What a fragment that spreads itself finds.
    this.measured.set(name, nothing);
    const inner = this.ofSelections(fragment.selectionSet);
    const shape = { ...inner, directives: inner.directives + count(fragment.directives) };
    this.measured.set(name, shape);
    return shape;
  }
}

function depths(name: string, inner: OperationShape): Pick<OperationShape, 'depth' | 'introspectionDepth'> {
  if (name === '__typename') return { depth: 0, introspectionDepth: 0 };
  const within = Math.max(inner.depth, inner.introspectionDepth);
  return name.startsWith('__')
    ? { depth: 0, introspectionDepth: within + 1 }
    : { depth: inner.depth + 1, introspectionDepth: inner.introspectionDepth };
}

function countRepeated(selections: readonly SelectionNode[]): number {
  const names = selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.alias?.value ?? each.name.value] : []));
  return names.length - new Set(names).size;
}

function add(a: OperationShape, b: OperationShape): OperationShape {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    aliases: Math.min(countless, a.aliases + b.aliases),
    directives: Math.min(countless, a.directives + b.directives),
    repeatedFields: Math.min(countless, a.repeatedFields + b.repeatedFields),
  };
}

function count(directives: readonly unknown[] | undefined): number {
  return directives?.length ?? 0;
}
