import { hash } from "node:crypto";

/**
 * What a conversation is called: what the client calls it, or a digest of the user and of how it begins. Of another
 * key it is another conversation.
 */
export function sessionOf(
  key: string | undefined,
  named: string | undefined,
  user: string | undefined,
  beginning: unknown,
): string {
  const content = named === undefined ? ["begins", user ?? "", beginning] : ["named", named];
  return hash("sha256", JSON.stringify([key ?? "", ...content]), "base64url");
}
