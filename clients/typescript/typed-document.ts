/**
 * An operation with the types of its variables and of its answer, as `npm run client` writes them from `.graphql`
 * files. `ResultType` and `VariablesType` exist for the compiler alone.
 */
interface TypedDocument<Result, Variables> {
  /** Null: the operation has no name. */
  readonly name: string | null;
  readonly text: string;
  readonly ResultType?: Result;
  readonly VariablesType?: (variables: Variables) => void;
}

export interface QueryDocument<Result, Variables> extends TypedDocument<Result, Variables> {
  readonly kind: 'query';
}

/** Has one field, whose argument is `$input`. */
export interface MutationDocument<Result, Variables extends { readonly input: unknown }>
  extends TypedDocument<Result, Variables> {
  readonly kind: 'mutation';
  /** Whether the input takes an `idempotencyKey`, with which the mutation may be sent again. */
  readonly isKeyed: boolean;
}

/** Has one field. */
export interface SubscriptionDocument<Result, Variables> extends TypedDocument<Result, Variables> {
  readonly kind: 'subscription';
  /**
   * Where it goes on after a break: behind the last `seq` (`$afterSeq`, of which `NOW` begins with what comes next when
   * it is null), or by the object as it is then (`STATE`).
   */
  readonly resumes: 'SEQ' | 'SEQ_OR_NOW' | 'STATE';
}

/** The value of the one field of an answer. */
export type FieldOf<Result> = Result[Exclude<keyof Result, '__typename'>];

/** The members of a mutation's union other than `Problems`. */
export type ResultOf<Union> = Exclude<Union, { readonly __typename: 'Problems' }>;

export function fieldOf<Result>(data: Result): FieldOf<Result> {
  return Object.values(data as object)[0];
}
