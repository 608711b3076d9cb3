/** A model's share of a plan. */
export interface Share {
  /** LiteLLM's name of the model, such as `openai/gpt-4o`. */
  model: string;
  /** Queries that the plan gives it. */
  queries: number;
}

/**
 * A LiteLLM proxy configuration that spreads requests to `group` over models in the plan's proportions: one deployment a
 * model, its number of queries as `weight`, strategy `simple-shuffle`. It is JSON, which YAML readers take.
 *
 * A gateway with weights draws a model for each request, blind to the query. So it keeps the plan's cost on average,
 * but not its accuracy, which comes from giving each query to the right model.
 */
export function litellmConfig(shares: readonly Share[], group: string): string {
  const deployments = shares
    .filter(({ queries }) => queries > 0)
    .map(({ model, queries }) => ({
      model_name: group,
      litellm_params: { model, weight: queries },
    }));
  const config = { model_list: deployments, router_settings: { routing_strategy: "simple-shuffle" } };
  return `${JSON.stringify(config, null, 2)}\n`;
}
