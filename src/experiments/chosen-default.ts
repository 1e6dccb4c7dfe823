/** A default that was chosen for a model, a method or data, and why. */
export interface ChosenDefault<Value> {
  readonly value: Value;
  /** A sentence for people. */
  readonly reason: string;
}

/** The default of one hyperparameter, as a plan tells it. */
export interface NamedDefault {
  /** The name of the hyperparameter in the input. */
  readonly hyperparameter: string;
  /** As the input would have it. */
  readonly value: string;
  readonly reason: string;
}
