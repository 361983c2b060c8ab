// How a long job tells how far it is. The library only calls; who draws is the caller's business.

/** Called now and then with the work done and the whole. */
export type Progress = (done: number, total: number) => void;
