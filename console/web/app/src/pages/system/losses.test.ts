import { expect, it } from "vitest";
import catalogue from "../../i18n/catalogue.json";
import type { Joint } from "../../api/types";
import { lossName, lossesOf, lostOf } from "./losses";

const messages: Record<string, { zh: string; en: string }> = catalogue.messages;
const word = (prefix: string, name: string) => messages[`${prefix}.${name}`]?.zh ?? name;
const joint: Joint = {
  id: "sensor",
  status: "good",
  rate: null,
  lag_seconds: null,
  losses: { "stream.gap": 180, "dns.repeated_query": 407, "tls.cut": 3 },
  lost_lately: { "dns.repeated_query": 9, "tls.cut": 2 },
  noted: ["dns.repeated_query"],
  detail: { runs: { r1: { name: "a.pcap", losses: { "capture.cut_record": 2 } } } },
  at: null,
};
const named = (name: string) => lossName(name, word, (place, kind) => `${place}：${kind}`);

it("puts first what was lost lately, and keeps replays apart", () => {
  expect(lossesOf(joint).map((loss) => loss.name)).toEqual(["tls.cut", "dns.repeated_query", "stream.gap", "capture.cut_record"]);
  expect(lossesOf(joint).at(-1)).toMatchObject({ run: "a.pcap", lately: null });
});

it("counts nothing that only tells of the traffic", () => {
  expect(lostOf(joint)).toEqual({ lately: 2, total: 183 });
});

it("names each counter in the reader's language", () => {
  expect(named("tls.cut")).toBe("TLS：握手被截断");
  expect(named("dce_rpc.calls_dropped")).toBe("DCE RPC：未等到应答的调用被挤出");
  expect(named("fragment.incomplete")).toBe("IP 分片：不完整");
  expect(named("store.field_set_aside.x.y")).toBe("存储：field_set_aside.x.y");
  expect(named("odd")).toBe("odd");
});
