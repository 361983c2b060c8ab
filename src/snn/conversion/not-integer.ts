/** Why a plan has no integer network. */
export class NotInteger extends Error {}
