import { Kind, type OperationDefinitionNode } from 'graphql';

/** How many weights are kept for an operation of a document: those of its last variables. */
const maxWeights = 16;
/** Longer variables are weighed each time: to keep them would cost more than it saves. */
const maxKeyLength = 1_000;

/**
 * What was found of operations, as long as their document is kept. It depends on the document and its variables, whose
 * ids say nothing of an operation's cost: so one document that is sent with many ids counts once.
 */
export class KnownWeights<Weight> {
  private readonly weights = new WeakMap<OperationDefinitionNode, Map<string, Weight>>();

  /** @param variables as they were sent, of JSON, and not yet coerced */
  get(
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>> | null | undefined,
    weigh: () => Weight,
    isKept: (weight: Weight) => boolean,
  ): Weight {
    const key = keyOf(operation, variables ?? {});
    if (key === null) return weigh();
    const ofOperation = this.weights.get(operation) ?? new Map<string, Weight>();
    this.weights.set(operation, ofOperation);
    const known = ofOperation.get(key);
    if (known !== undefined) return known;
    const weight = weigh();
    if (!isKept(weight)) return weight;
    if (ofOperation.size >= maxWeights) ofOperation.delete(ofOperation.keys().next().value!);
    ofOperation.set(key, weight);
    return weight;
  }
}

function keyOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): string | null {
  const values: unknown[] = [];
  for (const { variable, type } of variableDefinitions) {
    const name = variable.name.value;
    if (!Object.hasOwn(variables, name)) {
      values.push(0);
      continue;
    }
    const value = variables[name];
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    const isId = named.kind === Kind.NAMED_TYPE && named.name.value === 'ID';
    values.push([isId && typeof value === 'string' ? '' : value]);
  }
  const key = JSON.stringify(values);
  return key.length > maxKeyLength ? null : key;
}
