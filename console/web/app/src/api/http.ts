import { Problem, type ProblemBody } from "./problem";
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Addresses of the API that take a method; a wrong one does not compile. */
type Address<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: object }> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type PathOf<O> = O extends { parameters: { path: infer X } } ? { path: X } : { path?: undefined };
type QueryOf<O> = O extends { parameters: { query: infer Q } } ? { query: Q } : O extends { parameters: { query?: infer Q } } ? { query?: Q } : object;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : { body?: undefined };
type Given<O> = PathOf<O> & QueryOf<O> & BodyOf<O> & { signal?: AbortSignal };
type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer A } } } } ? A : undefined;
/** The query words that an address takes. */
export type QueryWords<P extends Address<"get">> = NonNullable<Operation<P, "get"> extends { parameters: { query?: infer Q } } ? Q : never>;

/** What each call carries beside its body; set when the session is read. */
const carried = { csrf: "", language: "zh" };

export function carry(values: Partial<typeof carried>): void {
  Object.assign(carried, values);
}

export function csrfToken(): string {
  return carried.csrf;
}

/** The address with its path values put in, each safe for any text, and its query. */
export function address(template: string, path: object = {}, query: object = {}): string {
  const values = new Map(Object.entries(path));
  const place = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") words.set(name, String(value));
  }
  const tail = words.toString();
  return tail ? `${place}?${tail}` : place;
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    return new Problem(response.status, JSON.parse(text) as ProblemBody);
  } catch {
    return new Problem(response.status, { title: response.statusText, detail: text.slice(0, 300) });
  }
}

interface Loose {
  path?: object;
  query?: object;
  body?: unknown;
  signal?: AbortSignal;
}

async function call(method: Method, template: string, given: Loose = {}): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": carried.language };
  if (method !== "get") headers["X-CSRF-Token"] = carried.csrf;
  if (given.body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(address(template, given.path, given.query), {
      method: method.toUpperCase(),
      headers,
      credentials: "same-origin",
      body: given.body === undefined ? undefined : JSON.stringify(given.body),
      signal: given.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, { code: "offline" });
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? undefined : response.json();
}

/** A call whose address, values and answer are those of the published description. */
const caller =
  <M extends Method>(method: M) =>
  <P extends Address<M>>(template: P, given: Given<Operation<P, M>>) =>
    call(method, template, given as Loose) as Promise<Answer<Operation<P, M>>>;

export const get = caller("get");
export const post = caller("post");
export const put = caller("put");
export const patch = caller("patch");
export const remove = caller("delete");
