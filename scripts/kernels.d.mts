export const kernelFolder: string;
export function kernelNames(root: string): Promise<string[]>;
export function kernelRecipe(root: string, name: string): Promise<string>;
export function compileKernel(root: string, name: string): Promise<Uint8Array>;
