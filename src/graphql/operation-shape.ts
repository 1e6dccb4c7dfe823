import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Measures of an operation that need no schema. A fragment counts each time it is spread. */
export interface OperationShape {
  /** Nesting of fields, without introspection. */
  readonly depth: number;
  /** Nesting of fields under `__schema` and `__type`: the standard query goes far deeper than any other operation. */
  readonly introspectionDepth: number;
  /** Aliases, of `__typename` too. */
  readonly aliases: number;
  readonly directives: number;
  /** Fields that repeat another field in the same braces: they change nothing, but cost time. */
  readonly repeatedFields: number;
}

const nothing: OperationShape = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, repeatedFields: 0 };
/** Stands for any larger count: spreads in spreads multiply beyond what a number can hold. */
const countless = 1_000_000_000;

/** Measures an operation of a document that need not be valid: fragments may be missing, or may spread themselves. */
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
  /** Each fragment is measured once: measuring each spread would take exponential time. */
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
    // The value that a fragment which spreads itself finds.
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
