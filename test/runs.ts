/** Whether this is `npm run test:long`. */
export const isLong = process.env.OPTLLM_LONG === "1";

/** How many random inputs a test tries: all in `npm run test:long`, a part of them in `npm test`. */
export const runs = (all: number, part = 1 / 5): number => (isLong ? all : Math.ceil(all * part));
