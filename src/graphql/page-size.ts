export const defaultPageSize = 20;
/** Most nodes in a page, unless the field's `maxPageSize` extension says another number. */
export const maxPageSize = 100;
