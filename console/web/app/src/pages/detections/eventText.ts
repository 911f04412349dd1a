type Flat = Record<string, unknown>;

/** `source.ip: 10.0.0.1` a line, names in order; nested values as JSON; several events apart by a line. */
export function flatText(event: Flat | readonly Flat[]): string {
  return (Array.isArray(event) ? (event as readonly Flat[]) : [event as Flat]).map(lines).join("\n---\n");
}

const lines = (event: Flat) =>
  Object.keys(event)
    .sort()
    .map((name) => `${name}: ${told(event[name])}`)
    .join("\n");

const told = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
