/** What passes decide by the sizes of tensors. */
export interface Choices {
  /** Whether something pays, in the order in which passes ask. */
  pays(weigh: () => boolean): boolean;
}

/** Each graph for itself. */
export const byOwnSizes: Choices = { pays: (weigh) => weigh() };

/**
 * Choices for graphs that are the same but for their sizes, and must stay so: the first graph's sizes decide for all. Each call starts on the
 * next graph.
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
