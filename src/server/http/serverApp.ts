import type { FastifyInstance, RouteOptions } from "fastify";
import { httpApp, needKeys, reportAnswers } from "./app.js";
import type { Running } from "./context.js";
import { addAnswers } from "./routes/answers.js";
import { addDecisions } from "./routes/decisions.js";
import { addEmbeddings } from "./routes/embeddings.js";
import { addHealth } from "./routes/health.js";
import { addModels } from "./routes/listed.js";
import { addOpenApi } from "./routes/openApi.js";
import { addPolicies } from "./routes/policies.js";
import { addSolve } from "./routes/solve.js";

/** The endpoints for clients. */
export async function serverApp(running: Running): Promise<FastifyInstance> {
  const app = await httpApp(running);
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void routes.push(route));
  reportAnswers(app, running);
  addHealth(app, running);
  addOpenApi(app, routes);
  await app.register((keyed, _, done) => {
    needKeys(keyed, running);
    addAnswers(keyed, running);
    addDecisions(keyed, running);
    addEmbeddings(keyed, running);
    addModels(keyed);
    addPolicies(keyed);
    // With bodies that the other endpoints do not take.
    keyed.register((solving, __, ready) => {
      addSolve(solving, running);
      ready();
    });
    done();
  });
  return app;
}
