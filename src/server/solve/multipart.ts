import { badRequest } from "../http/apiError.js";
import { bodyOf } from "../http/json.js";
import type { Body } from "../protocol/asked.js";

/** Parts beyond those that a problem can have. */
const MOST_PARTS = 20;

/**
 * The part `problem`, JSON, and the files of a body of multipart/form-data.
 *
 * @throws ApiError 400 for a body of another form.
 */
export async function partsOf(
  bytes: Buffer,
  contentType: string,
  depth: number,
): Promise<{ body: Body; parts: Map<string, Buffer> }> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  } catch {
    throw badRequest("the body is not multipart/form-data that can be read", undefined, "invalid_multipart");
  }
  const fields = [...form];
  if (fields.length > MOST_PARTS) throw badRequest(`the body has more than ${MOST_PARTS} parts`);
  const parts = new Map<string, Buffer>();
  for (const [name, value] of fields) {
    if (parts.has(name))
      throw badRequest(`the part ${JSON.stringify(name.slice(0, 100))} is given twice`, name);
    parts.set(name, typeof value === "string" ? Buffer.from(value) : Buffer.from(await value.arrayBuffer()));
  }
  const problem = parts.get("problem");
  if (problem === undefined)
    throw badRequest("the part problem is missing; expected JSON with models and target", "problem");
  parts.delete("problem");
  return { body: bodyOf(problem, depth), parts };
}
