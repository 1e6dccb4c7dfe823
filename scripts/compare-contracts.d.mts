/** Sentences, one for each change. */
export interface ContractChanges {
  readonly breaking: readonly string[];
  readonly dangerous: readonly string[];
}

export function compareContracts(released: string, present: string): Promise<ContractChanges>;
