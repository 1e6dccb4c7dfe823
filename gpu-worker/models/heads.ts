/** The names of a head's tensors in a weights file. */
export function headTensors(task: string): { readonly weight: string; readonly bias: string } {
  return { weight: `heads.${task}.weight`, bias: `heads.${task}.bias` };
}

/** Names and shapes of a head's tensors: weight [C,O] and bias [C] for a vector of O numbers. */
export function headShapes(
  { task, labels }: { readonly task: string; readonly labels: readonly string[] },
  outputSize: number,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const { weight, bias } = headTensors(task);
  return [
    { name: weight, shape: [labels.length, outputSize] },
    { name: bias, shape: [labels.length] },
  ];
}
