import type { Schema } from "./schema.js";

const MATRIX = "a list of rows, queries × models";
const NAMES = "a list of at least one name of a model";

const CONSTRAINT: Schema = {
  type: "object",
  description: "{ measure, models, group, as, atMost, atLeast }",
  additionalProperties: false,
  properties: {
    name: { type: "string", maxLength: 300, description: "a text of at most 300 characters" },
    measure: {
      type: ["string", "object"],
      description: "queries, cost, accuracy, { column } or { perModel }",
      properties: {
        column: { type: "string", description: "the name of one of columns" },
        perModel: {
          type: "object",
          description: "a number for each model",
          additionalProperties: { type: "number", description: "a number" },
        },
      },
    },
    models: {
      type: "array",
      minItems: 1,
      maxItems: 255,
      description: NAMES,
      items: { type: "string", description: NAMES },
    },
    group: {
      type: "object",
      description: "{ column, ids }",
      additionalProperties: false,
      required: ["column", "ids"],
      properties: {
        column: { type: "string", description: "the name of one of groups" },
        ids: {
          type: "array",
          minItems: 1,
          description: "a list of whole numbers, 0 … 2³² − 1",
          items: { type: "integer", description: "a whole number, 0 … 2³² − 1" },
        },
      },
    },
    as: { enum: ["total", "mean", "share"], description: "total, mean or share" },
    atMost: { type: "number", description: "a number" },
    atLeast: { type: "number", description: "a number" },
  },
};

const MOST_NAMES = 64;

const FIELDS: Record<string, Schema> = {
  models: {
    type: "array",
    minItems: 1,
    maxItems: 255,
    description: "1 to 255 names",
    items: {
      type: "string",
      minLength: 1,
      maxLength: 300,
      description: "a name of at most 300 characters",
    },
  },
  cost: {
    type: ["array", "null"],
    description: `dollars, ${MATRIX}; null for a model that must not answer`,
  },
  successProbability: { type: ["array", "null"], description: `0 … 1, ${MATRIX}` },
  allowed: { type: ["array", "null"], description: `0 or false where a model must not answer, ${MATRIX}` },
  weight: { type: ["array", "null"], description: "how many queries each one stands for" },
  minProbability: {
    type: ["array", "null"],
    description: "the least success probability of each query's model",
  },
  target: {
    type: "object",
    description: "{ budget }, { accuracy }, { knee: true } or { matchBest: true }",
    additionalProperties: false,
    properties: {
      budget: { type: "number", description: "a number of dollars" },
      accuracy: { type: "number", description: "a number, 0 … 1" },
      knee: { const: true, description: "true" },
      matchBest: { const: true, description: "true" },
    },
  },
  refine: {
    type: "boolean",
    description: "true to search beyond the front, otherwise false; without constraints",
  },
  constraints: {
    type: ["object", "array"],
    maxItems: 64,
    description: "limits as in a file of constraints, or a list of constraints as the library takes them",
    items: CONSTRAINT,
  },
  columns: {
    type: "object",
    maxProperties: MOST_NAMES,
    description: "amounts by name, such as tokens, for limits",
    additionalProperties: { type: "array", description: MATRIX },
  },
  groups: {
    type: "object",
    maxProperties: MOST_NAMES,
    description: "the group of each query by name, for limits",
    additionalProperties: {
      type: "array",
      description: "a list of texts or whole numbers, one for each query",
    },
  },
};

/** The body of POST /v1/solve, or its part `problem`. Matrices may be files instead, and are checked as they are read. */
export const SOLVE: Schema = {
  type: "object",
  description: "{ models, cost, successProbability, target }",
  additionalProperties: false,
  required: ["models", "target"],
  properties: FIELDS,
};

const FILE: Schema = { type: "string", format: "binary", description: "a NumPy file, .npy" };

/** The same as multipart/form-data. */
export const SOLVE_FORM: Schema = {
  type: "object",
  required: ["problem"],
  properties: {
    problem: {
      type: "string",
      contentMediaType: "application/json",
      description: "the rest of the body as JSON",
    },
    ...Object.fromEntries(
      ["cost", "successProbability", "allowed", "weight", "minProbability"].map((name) => [name, FILE]),
    ),
  },
  additionalProperties: { ...FILE, description: "columns.NAME or groups.NAME as a NumPy file, .npy" },
};
