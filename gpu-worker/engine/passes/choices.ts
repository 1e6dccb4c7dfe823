/** The decisions of passes that depend on the sizes of tensors. */
export interface Choices {
  /** Whether a change pays, asked in the order in which passes decide. */
  pays(weigh: () => boolean): boolean;
}

/** Each graph decides by its own sizes. */
export const byOwnSizes: Choices = { pays: (weigh) => weigh() };

/**
 * Choices for graphs that differ only in their sizes, and must keep doing so: the first graph's sizes decide for all.
 * Each call begins the next graph.
 */
export function choicesOfTheFirst(): () => Choices {
  let first: readonly boolean[] | undefined;
  return () => {
    const made: boolean[] = [];
    const known = first;
    first ??= made;
    return {
      pays(weigh) {
        const choice = known?.[made.length] ?? weigh();
        made.push(choice);
        return choice;
      },
    };
  };
}
