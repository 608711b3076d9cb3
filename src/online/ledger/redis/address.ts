/**
 * The address of a server, such as `redis://user:password@host:6379`; undefined for a text that is none. In those of Redis a `%`
 * begins an escape.
 */
export function serverAddress(text: unknown): URL | undefined {
  if (typeof text !== "string" || !text.includes("://")) return undefined;
  try {
    const address = new URL(text);
    if (/^rediss?:$/.test(address.protocol)) decodeURIComponent(address.username + address.password);
    return address;
  } catch {
    return undefined;
  }
}

/** What an error about such an address adds. */
export const IN_PASSWORDS = "in a password, % is written %25 and @ is written %40";
