import { afterEach, describe, expect, it, vi } from "vitest";
import { address, carry, get, post } from "./http";
import { Problem } from "./problem";

const answer = (status: number, body: unknown) => vi.fn(async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status }));

afterEach(() => vi.unstubAllGlobals());

describe("address", () => {
  it("puts path values in safely and leaves empty words out", () => {
    expect(address("/api/entities/{kind}/{value}", { kind: "url", value: "http://a/b?c=1#d" })).toBe("/api/entities/url/http%3A%2F%2Fa%2Fb%3Fc%3D1%23d");
    expect(address("/api/events", {}, { q: "a:1 AND b", since: undefined, sort: "" })).toBe("/api/events?q=a%3A1+AND+b");
  });
});

describe("calls", () => {
  it("carry the token on what changes something only", async () => {
    carry({ csrf: "tok", language: "en" });
    const fetched = answer(200, { items: [] });
    vi.stubGlobal("fetch", fetched);
    await get("/api/rules", {});
    await post("/api/compliance/runs", {});
    const headers = fetched.mock.calls.map((call) => (call as unknown as [string, { headers: Record<string, string> }])[1].headers);
    expect(headers[0]).not.toHaveProperty("X-CSRF-Token");
    expect(headers[1]).toHaveProperty("X-CSRF-Token", "tok");
  });
  it("turn a problem into an error that can be shown", async () => {
    vi.stubGlobal("fetch", answer(422, { title: "bad", detail: "d", code: "bad_query", where: "character 3", next: "n", id: "p1", position: 2 }));
    const error = await get("/api/events", {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ status: 422, code: "bad_query", where: "character 3", next: "n", id: "p1", position: 2, message: "bad" });
  });
  it("survive an answer that is no problem document", async () => {
    vi.stubGlobal("fetch", answer(502, "<html>gateway</html>"));
    await expect(get("/api/rules", {})).rejects.toMatchObject({ status: 502, detail: "<html>gateway</html>" });
  });
  it("tell that the server is away", async () => {
    vi.stubGlobal("fetch", vi.fn(async () => Promise.reject(new TypeError("failed"))));
    await expect(get("/api/rules", {})).rejects.toMatchObject({ status: 0, code: "offline" });
  });
});
