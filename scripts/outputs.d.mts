export function removeOrphans(root: string): Promise<void>;
export function copyAssets(root: string): Promise<void>;
