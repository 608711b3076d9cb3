/** Whether this is `npm run test:long`. */
const isLong = process.env.OPTLLM_LONG === "1";

/** How many random inputs a test tries: all in `npm run test:long`, a fifth in `npm test`. */
export const runs = (all: number): number => (isLong ? all : Math.ceil(all / 5));
