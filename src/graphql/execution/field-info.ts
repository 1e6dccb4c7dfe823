import type { GraphQLResolveInfo } from 'graphql';
import type { Holder } from './answer.js';
import type { FieldPlan } from './field-plan.js';
import type { OperationPlan } from './plan.js';

/** What is the same for all fields of one execution. */
interface Execution {
  readonly plan: OperationPlan;
  readonly rootValue: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a resolver is told of its field. Most read nothing of it, so each part is found when it is asked for. */
export class FieldInfo implements GraphQLResolveInfo {
  constructor(
    private readonly execution: Execution,
    private readonly field: FieldPlan,
    private readonly holder: Holder,
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
  /** Of a field's list, its own: what decides the type of an item is told no more. */
  get path() {
    let object = this.holder;
    while (object.isList && object.above !== null) object = object.above;
    const prev = object.above === null ? undefined : object;
    return { prev, key: this.field.responseName, typename: this.field.parentType.name };
  }
  get schema() {
    return this.execution.plan.schema;
  }
  get fragments() {
    return this.execution.plan.fragments;
  }
  get rootValue() {
    return this.execution.rootValue;
  }
  get operation() {
    return this.execution.plan.operation;
  }
  get variableValues() {
    return this.execution.variables as Record<string, unknown>;
  }
}
