export const defaultPageSize = 20;
/** The most nodes in a page, unless the field's `maxPageSize` extension sets another limit. */
export const maxPageSize = 100;
